import type { OwnBroker } from '#evidence/run-document'

/** `amqps://ann@host:5671: RabbitMQ 4.0.5, feature flags on: khepri_db, …` */
export function ownBrokerText({ url, product, version, featureFlags }: OwnBroker): string {
  const what = [product, version].filter(word => word !== '').join(' ') || 'it gives no name and no version'
  const flags = featureFlags === null ? 'not seen' : featureFlags.join(', ') || 'none'
  return `${url}: ${what}, feature flags on: ${flags}`
}
