"""Looking at a site from outside, with a real browser, as a visitor would."""
