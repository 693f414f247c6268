import type { SettingsInput } from '#contracts/settings'
import { LabError } from '../errors.ts'
import type { OwnBroker } from './address.ts'

/** Of a plan. */
interface Planned {
  ownBroker?: OwnBroker
  settings: SettingsInput
  gpus: readonly { certificates?: string }[]
}

/** What cannot be had with a broker of the user's. Throws NOT_OUR_BROKER, BAD_SETTING. */
export function refuseBesideOwnBroker(plan: Planned): void {
  refuseTimeout(plan)
  refuseTwoAuthorities(plan)
}

/** The broker's own configuration has it, which is its owner's. */
function refuseTimeout({ ownBroker, settings }: Planned): void {
  if (ownBroker !== undefined && settings.consumerTimeoutMs !== undefined)
    throw new LabError(
      'NOT_OUR_BROKER',
      `consumerTimeoutMs: expected the value of the broker ${ownBroker.url}, got ${settings.consumerTimeoutMs}\nSet it there: consumer_timeout in rabbitmq.conf, then drop it here`,
    )
}

/** Node takes one file. */
function refuseTwoAuthorities({ ownBroker, gpus }: Planned): void {
  const other = gpus.find(({ certificates }) => certificates !== undefined && certificates !== ownBroker?.ca)?.certificates
  if (ownBroker?.ca !== undefined && other !== undefined)
    throw new LabError(
      'BAD_SETTING',
      `--ca: expected one file for broker and model server, got ${ownBroker.ca} and NODE_EXTRA_CA_CERTS=${other}\nPut both into one: cat ${ownBroker.ca} ${other} > both.pem`,
    )
}
