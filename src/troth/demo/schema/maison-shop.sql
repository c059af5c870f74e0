-- The shop of Maison Verdier: PHP software begun in 2013, grown by several hands since.
-- Foreign keys exist where somebody thought of them.

CREATE TABLE employees (
  id INTEGER PRIMARY KEY,
  manager_id INTEGER REFERENCES employees (id) ON DELETE SET NULL,
  first_name VARCHAR(60) NOT NULL,
  last_name VARCHAR(60) NOT NULL,
  email VARCHAR(120) NOT NULL UNIQUE,
  phone VARCHAR(30),
  job VARCHAR(60),
  hired_on DATE NOT NULL,
  left_on DATE
);

CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  reference VARCHAR(12) NOT NULL UNIQUE,
  civility VARCHAR(4),
  first_name VARCHAR(60) NOT NULL,
  last_name VARCHAR(60) NOT NULL,
  company VARCHAR(120),
  email VARCHAR(120) NOT NULL COLLATE NOCASE,
  password_hash VARCHAR(120),
  phone VARCHAR(30),
  birth_date VARCHAR(10) DEFAULT '0000-00-00',
  language CHAR(2) NOT NULL DEFAULT 'fr',
  settings TEXT,
  staff_note TEXT,
  is_guest BOOLEAN NOT NULL DEFAULT 0,
  is_deleted BOOLEAN NOT NULL DEFAULT 0,
  is_restricted BOOLEAN NOT NULL DEFAULT 0,
  wants_offers BOOLEAN NOT NULL DEFAULT 1,
  signup_ip VARCHAR(45),
  created_at DATETIME NOT NULL,
  last_seen_at DATETIME,
  account_rep_id INTEGER REFERENCES employees (id) ON DELETE SET NULL
);
CREATE INDEX customers_email ON customers (email);

CREATE TABLE customer_meta (
  meta_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL,
  meta_key VARCHAR(80) NOT NULL,
  meta_value TEXT
);
CREATE INDEX customer_meta_customer ON customer_meta (customer_id, meta_key);

CREATE TABLE options (
  name VARCHAR(120) NOT NULL PRIMARY KEY,
  value TEXT
);

CREATE TABLE addresses (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL,
  alias VARCHAR(40),
  recipient VARCHAR(120) NOT NULL,
  line1 VARCHAR(120) NOT NULL,
  line2 VARCHAR(120),
  postcode VARCHAR(12) NOT NULL,
  city VARCHAR(60) NOT NULL,
  country CHAR(2) NOT NULL,
  phone VARCHAR(30),
  is_deleted BOOLEAN NOT NULL DEFAULT 0,
  updated_at DATETIME
);
CREATE INDEX addresses_customer ON addresses (customer_id);

CREATE TABLE prospects (
  id INTEGER PRIMARY KEY,
  source VARCHAR(30) NOT NULL,
  first_name VARCHAR(60),
  last_name VARCHAR(60),
  company VARCHAR(120),
  email VARCHAR(120) COLLATE NOCASE,
  phone VARCHAR(30),
  address TEXT,
  wishes TEXT,
  collected_on DATE,
  last_contact_on DATE,
  last_contact_kind VARCHAR(20),
  opted_out_on DATE
);
CREATE INDEX prospects_email ON prospects (email);

CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  name VARCHAR(120) NOT NULL,
  price_cents INTEGER NOT NULL
);

CREATE TABLE carts (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  items JSON NOT NULL,
  updated_ms INTEGER NOT NULL
);
CREATE INDEX carts_customer ON carts (customer_id);

CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  reference VARCHAR(14) NOT NULL UNIQUE,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  status VARCHAR(12) NOT NULL CHECK (status IN ('open', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded')),
  delivery_name VARCHAR(120),
  delivery_address TEXT,
  gift_message TEXT,
  customer_ip VARCHAR(45),
  user_agent TEXT,
  total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
  placed_at DATETIME NOT NULL,
  closed_at DATETIME
);
CREATE INDEX orders_customer ON orders (customer_id);

CREATE TABLE order_lines (
  order_id INTEGER NOT NULL REFERENCES orders (id),
  line_no INTEGER NOT NULL,
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity INTEGER NOT NULL,
  unit_price_cents INTEGER NOT NULL,
  embossing VARCHAR(40),
  PRIMARY KEY (order_id, line_no)
);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  number VARCHAR(14) NOT NULL UNIQUE,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  order_reference VARCHAR(14) NOT NULL,
  billing_name VARCHAR(120) NOT NULL,
  billing_address TEXT NOT NULL,
  sent_to VARCHAR(120),
  total_cents INTEGER NOT NULL,
  issued_on DATE NOT NULL,
  due_on DATE NOT NULL,
  paid_on DATE
);
CREATE INDEX invoices_customer ON invoices (customer_id);

CREATE TABLE invoice_lines (
  id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL REFERENCES invoices (id),
  label VARCHAR(160) NOT NULL,
  quantity INTEGER NOT NULL,
  amount_cents INTEGER NOT NULL
);
CREATE INDEX invoice_lines_invoice ON invoice_lines (invoice_id);

CREATE TABLE payments (
  id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL REFERENCES invoices (id),
  method VARCHAR(12) NOT NULL,
  partner_reference VARCHAR(40),
  payer_name VARCHAR(120),
  amount_cents INTEGER NOT NULL,
  paid_at DATETIME NOT NULL
);
CREATE INDEX payments_invoice ON payments (invoice_id);

CREATE TABLE message_threads (
  id INTEGER PRIMARY KEY,
  subject VARCHAR(160) NOT NULL,
  kind VARCHAR(12) NOT NULL,
  status VARCHAR(8) NOT NULL,
  opened_at DATETIME NOT NULL
);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  thread_id INTEGER NOT NULL REFERENCES message_threads (id),
  sender_id INTEGER,
  recipient_id INTEGER,
  employee_id INTEGER,
  body TEXT NOT NULL,
  sent_at DATETIME NOT NULL
);
CREATE INDEX messages_sender ON messages (sender_id);
CREATE INDEX messages_recipient ON messages (recipient_id);

CREATE TABLE comments (
  id INTEGER PRIMARY KEY,
  object_type VARCHAR(12) NOT NULL,
  object_id INTEGER NOT NULL,
  author_name VARCHAR(120),
  author_email VARCHAR(120) COLLATE NOCASE,
  author_ip VARCHAR(45),
  content TEXT NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE INDEX comments_object ON comments (object_id, object_type);
CREATE INDEX comments_author ON comments (author_email);

CREATE TABLE web_log (
  id INTEGER PRIMARY KEY,
  ts INTEGER NOT NULL,
  ip VARCHAR(45),
  customer_id INTEGER,
  method VARCHAR(6) NOT NULL,
  path TEXT NOT NULL,
  status INTEGER NOT NULL,
  referer TEXT,
  user_agent TEXT
);
CREATE INDEX web_log_ts ON web_log (ts);
CREATE INDEX web_log_customer ON web_log (customer_id);
