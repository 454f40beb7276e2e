"""Google Sheets: access, tabs, cells."""
