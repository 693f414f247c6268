import { EXIT } from './parts.ts'

/** Stable codes: scripts may rely on them. */
export type SetupCode =
  | 'PACKAGES_MISSING'
  | 'NO_RIGHTS_TO_INSTALL'
  | 'INSTALL_FAILED'
  | 'SERVICE_STARTED'
  | 'ENGINE_MISSING'
  | 'K6_MISSING'
  | 'K6_FAILED'
  | 'REDIS_MISSING'
  | 'REDIS_FAILED'
  | 'PEERS_MISSING'
  | 'PEER_FAILED'

/** This machine cannot run the lab. The message says expected, seen and what to type. */
export class SetupError extends Error {
  readonly code: SetupCode
  readonly exitCode: number = EXIT.environment

  constructor(code: SetupCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.name = code // an uncaught one reads `CODE: message`
  }
}
