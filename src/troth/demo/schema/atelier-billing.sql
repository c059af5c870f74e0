-- The billing software of Atelier Passerelle, bought from another house: it knows people by mail address and
-- accounts by the service's uuid.

CREATE TABLE companies (
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES companies (id),
  name VARCHAR(120) NOT NULL,
  vat_number VARCHAR(20),
  address TEXT,
  country CHAR(2) NOT NULL
);

CREATE TABLE contacts (
  id INTEGER PRIMARY KEY,
  company_id INTEGER REFERENCES companies (id),
  email VARCHAR(120) NOT NULL COLLATE NOCASE,
  first_name VARCHAR(60),
  last_name VARCHAR(60),
  phone VARCHAR(30),
  job VARCHAR(80),
  wants_offers BOOLEAN NOT NULL DEFAULT 0,
  last_contact_on DATE
);
CREATE INDEX contacts_email ON contacts (email);

CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts (id),
  account_uuid CHAR(36) NOT NULL,
  plan VARCHAR(12) NOT NULL,
  status VARCHAR(10) NOT NULL,
  started_on DATE NOT NULL,
  ended_on DATE
);
CREATE INDEX subscriptions_contact ON subscriptions (contact_id);
CREATE INDEX subscriptions_account ON subscriptions (account_uuid);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  number VARCHAR(14) NOT NULL UNIQUE,
  contact_id INTEGER NOT NULL REFERENCES contacts (id),
  billing_name VARCHAR(160) NOT NULL,
  billing_address TEXT NOT NULL,
  total_cents INTEGER NOT NULL,
  issued_on DATE NOT NULL,
  due_on DATE NOT NULL,
  paid_on DATE
);
CREATE INDEX invoices_contact ON invoices (contact_id);

CREATE TABLE invoice_lines (
  invoice_id INTEGER NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
  line_no INTEGER NOT NULL,
  label VARCHAR(160) NOT NULL,
  amount_cents INTEGER NOT NULL,
  PRIMARY KEY (invoice_id, line_no)
);

CREATE TABLE payments (
  id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL REFERENCES invoices (id),
  partner_reference VARCHAR(40) NOT NULL,
  payer_name VARCHAR(120),
  amount_cents INTEGER NOT NULL,
  paid_at DATETIME NOT NULL
);
CREATE INDEX payments_invoice ON payments (invoice_id);
