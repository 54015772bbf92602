# One image for web, worker and the one-time migration; compose.yaml shows all of them together.
# Not built where this was written, which has no container engine: see docs/operations.md.
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 10001 runtz
ENV RUNTZ_VENV=/opt/runtz-venv \
    RUNTZ_DATA_DIR=/data \
    RUNTZ_IMAGES_DIR=/pictures \
    RUNTZ_HOST=0.0.0.0 \
    RUNTZ_LOG_FORMAT=json \
    PYTHONDONTWRITEBYTECODE=1
RUN install -d -o runtz -g runtz /app /data /pictures /opt/runtz-venv && rmdir /opt/runtz-venv \
    && chown runtz:runtz /opt

USER runtz
WORKDIR /app
# The environment first: it changes less often than the code.
COPY --chown=runtz:runtz runtz requirements.txt ./
COPY --chown=runtz:runtz runtz_core/__init__.py runtz_core/
RUN python -c "import runpy; launcher = runpy.run_path('runtz', run_name='launcher'); launcher['prepare'](['requirements.txt'])"
COPY --chown=runtz:runtz . .
RUN ./runtz web --build

VOLUME ["/data", "/pictures"]
EXPOSE 3000
STOPSIGNAL SIGTERM
ENTRYPOINT ["./runtz"]
CMD ["web", "--port", "3000"]
