"""Names by Gemini: what is asked, what comes back, what it costs."""
