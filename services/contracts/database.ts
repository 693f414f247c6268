/** The URL alone counts: node-postgres fills absent options from PGSSLMODE, PGOPTIONS and other
 *  `PG…`. The URL's own `?sslmode=` comes later and wins. */
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
