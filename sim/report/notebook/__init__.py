"""Results as a notebook wants them: tables with documented columns, figures as axes, and HTML."""
