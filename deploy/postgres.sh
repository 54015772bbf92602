#!/bin/sh
# Runs once, when the volume is new: one role changes the schema, the other one works and cannot rewrite the books.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$RUNTZ_OWNER_PASSWORD" -v runner="$RUNTZ_RUNNER_PASSWORD" <<'SQL'
CREATE ROLE runtz_owner LOGIN PASSWORD :'owner';
CREATE ROLE runtz LOGIN PASSWORD :'runner';
CREATE DATABASE runtz OWNER runtz_owner;
SQL
