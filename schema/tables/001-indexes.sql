-- Indexes beside the primary keys; each names the statement that needs it.

-- used by: tenant_by_name
CREATE UNIQUE INDEX tenant_name ON tenant (name);
