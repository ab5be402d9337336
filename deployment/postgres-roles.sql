-- Run once by the postgres image, as superuser, when its volume is empty. The owner makes the tables; the program's own role
-- is neither owner nor superuser, so it cannot switch off the triggers that keep the record append-only (docs/database.md).
\set owner_password `cat /run/secrets/postgres_owner_password`
\set program_password `cat /run/secrets/postgres_program_password`

CREATE ROLE chiffon_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE chiffon LOGIN PASSWORD :'program_password';

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE :"DBNAME" TO chiffon_owner;
GRANT CONNECT ON DATABASE :"DBNAME" TO chiffon;
GRANT CREATE ON SCHEMA public TO chiffon_owner;
