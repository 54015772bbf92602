"""Pictures with everything known of them, as a ZIP that another installation takes in with nothing lost."""
