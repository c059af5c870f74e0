-- The hosted service of Atelier Passerelle: accounts, projects, documents, tickets.

CREATE TABLE staff (
  id INTEGER PRIMARY KEY,
  manager_id INTEGER REFERENCES staff (id) ON DELETE SET NULL,
  email VARCHAR(120) NOT NULL UNIQUE,
  full_name VARCHAR(120) NOT NULL,
  hired_on DATE NOT NULL,
  left_on DATE
);

CREATE TABLE clients (
  id INTEGER PRIMARY KEY,
  code VARCHAR(24) NOT NULL UNIQUE,
  legal_name VARCHAR(120) NOT NULL,
  status VARCHAR(10) NOT NULL,
  contract_from DATE NOT NULL,
  contract_to DATE
);

-- What clients put into the service about their own customers: Atelier is only their processor.
CREATE TABLE client_records (
  id INTEGER PRIMARY KEY,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  full_name VARCHAR(120),
  email VARCHAR(120),
  phone VARCHAR(30),
  details JSON,
  created_at DATETIME NOT NULL
);
CREATE INDEX client_records_client ON client_records (client_id);

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  uuid CHAR(36) NOT NULL UNIQUE,
  client_id INTEGER REFERENCES clients (id),
  email VARCHAR(120) NOT NULL UNIQUE COLLATE NOCASE,
  username VARCHAR(40) NOT NULL UNIQUE,
  password_hash VARCHAR(160) NOT NULL,
  status VARCHAR(10) NOT NULL CHECK (status IN ('invited', 'active', 'closed')),
  is_restricted BOOLEAN NOT NULL DEFAULT 0,
  is_manager BOOLEAN NOT NULL DEFAULT 0,
  created_at DATETIME NOT NULL,
  last_login_at DATETIME,
  closed_at DATETIME
);

CREATE TABLE profiles (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  first_name VARCHAR(60),
  last_name VARCHAR(60),
  phone VARCHAR(30),
  job VARCHAR(80),
  bio TEXT,
  picture VARCHAR(160),
  preferences JSON NOT NULL DEFAULT '{}'
);

CREATE TABLE settings (
  name VARCHAR(80) NOT NULL PRIMARY KEY,
  value TEXT
);

CREATE TABLE sessions (
  token CHAR(32) NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  ip VARCHAR(45),
  user_agent TEXT,
  started INTEGER NOT NULL,
  expires INTEGER NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE login_log (
  id INTEGER PRIMARY KEY,
  account_id INTEGER,
  login_tried VARCHAR(120),
  ip VARCHAR(45),
  user_agent TEXT,
  succeeded BOOLEAN NOT NULL,
  at_ms INTEGER NOT NULL
);
CREATE INDEX login_log_account ON login_log (account_id);
CREATE INDEX login_log_at ON login_log (at_ms);

CREATE TABLE projects (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES accounts (id),
  name VARCHAR(120) NOT NULL,
  description TEXT,
  created_at DATETIME NOT NULL
);
CREATE INDEX projects_owner ON projects (owner_id);

CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  author_id INTEGER NOT NULL REFERENCES accounts (id),
  title VARCHAR(160) NOT NULL,
  body TEXT,
  updated_at DATETIME NOT NULL,
  deleted_at DATETIME
);
CREATE INDEX documents_project ON documents (project_id);
CREATE INDEX documents_author ON documents (author_id);

CREATE TABLE document_shares (
  document_id INTEGER NOT NULL REFERENCES documents (id),
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  role VARCHAR(8) NOT NULL,
  shared_at DATETIME NOT NULL,
  PRIMARY KEY (document_id, account_id)
);
CREATE INDEX document_shares_account ON document_shares (account_id);

CREATE TABLE invitations (
  id INTEGER PRIMARY KEY,
  inviter_id INTEGER NOT NULL REFERENCES accounts (id),
  email VARCHAR(120) NOT NULL COLLATE NOCASE,
  status VARCHAR(10) NOT NULL,
  sent_on DATE NOT NULL
);
CREATE INDEX invitations_email ON invitations (email);
CREATE INDEX invitations_inviter ON invitations (inviter_id);

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES accounts (id),
  contact_email VARCHAR(120) COLLATE NOCASE,
  subject VARCHAR(160) NOT NULL,
  status VARCHAR(8) NOT NULL,
  opened_at DATETIME NOT NULL,
  closed_at DATETIME
);
CREATE INDEX tickets_account ON tickets (account_id);

CREATE TABLE ticket_messages (
  id INTEGER PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  author_type VARCHAR(8) NOT NULL,
  author_id INTEGER NOT NULL,
  body TEXT NOT NULL,
  sent_at DATETIME NOT NULL
);
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket_id);
CREATE INDEX ticket_messages_author ON ticket_messages (author_id, author_type);
