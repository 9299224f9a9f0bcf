"""What the table of patients and the chart count: what a patient spent, and the appointments."""
