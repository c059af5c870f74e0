-- The newsletter tool of Maison Verdier: dates as text, day first, as its authors liked them.

CREATE TABLE subscribers (
  id INTEGER PRIMARY KEY,
  email VARCHAR(120) NOT NULL UNIQUE COLLATE NOCASE,
  first_name VARCHAR(60),
  language CHAR(2),
  interests JSON,
  status VARCHAR(12) NOT NULL,
  source VARCHAR(20),
  signup_ip VARCHAR(45),
  subscribed_on VARCHAR(10),
  confirmed_on VARCHAR(10),
  unsubscribed_on VARCHAR(10)
);

CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY,
  subject VARCHAR(160) NOT NULL,
  sent_on VARCHAR(10) NOT NULL
);

CREATE TABLE clicks (
  id INTEGER PRIMARY KEY,
  subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
  url TEXT NOT NULL,
  ip VARCHAR(45),
  clicked_on VARCHAR(10) NOT NULL
);
CREATE INDEX clicks_subscriber ON clicks (subscriber_id);

-- No key: the tool only ever counted these.
CREATE TABLE opens (
  subscriber_id INTEGER NOT NULL,
  campaign_id INTEGER NOT NULL,
  user_agent TEXT,
  opened_on VARCHAR(10)
);
CREATE INDEX opens_subscriber ON opens (subscriber_id);

CREATE TABLE suppression (
  id INTEGER PRIMARY KEY,
  email VARCHAR(120) NOT NULL UNIQUE COLLATE NOCASE,
  reason VARCHAR(20) NOT NULL,
  added_on VARCHAR(10) NOT NULL
);
