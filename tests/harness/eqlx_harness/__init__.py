"""The test harness: golden casebooks, runs and rules as pytest items, blessing, third-party data."""
