"""What the simulated text models say: they write, judge and describe by simple rules, and misbehave when told to."""
