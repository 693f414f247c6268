/** What every connection to the lab's database is opened with: its URL alone counts, and nothing of a `PG…` variable that a shell may hold
 *  (node-postgres reads PGSSLMODE, PGOPTIONS, PGSSLNEGOTIATION, PGCLIENTENCODING, PGREPLICATION and more where an option is absent).
 *  A URL by hand may still ask for TLS (`?sslmode=require`): it is read after these. */
export function databaseOptions(url: string) {
  return {
    connectionString: url,
    ssl: false,
    sslnegotiation: 'postgres',
    options: '-c client_min_messages=notice',
    replication: 'false',
    client_encoding: 'UTF8',
    application_name: 'prefetch-lab',
  } as const
}
