import { EXIT } from '#contracts/parts'

/** What a command that is to be typed needs at its end, to mean this lab. */
export const ofLab = (name: string) => (name === 'main' ? '' : ` -- --name ${name}`)

/** Codes that scripts may rely on. */
export type LabErrorCode =
  | 'BAD_SETTING'
  | 'BAD_NAME'
  | 'BAD_SCENARIO'
  | 'UNKNOWN_GPU_PROFILE'
  | 'BAD_GPU_PROFILE'
  | 'UNKNOWN_PART'
  | 'UNKNOWN_ARM'
  | 'GPUS_FIXED'
  | 'UP_IN_PROGRESS'
  | 'SETTINGS_DIFFER'
  | 'PORT_TAKEN'
  | 'PART_NOT_READY'
  | 'PART_EXITED'
  | 'NO_LAB'
  | 'NO_SPACE'
  | 'NOT_OURS'
  | 'BAD_FOLDER'
  | 'PACKAGES_MISSING'
  | 'ENGINE_MISSING'
  | 'ENGINE_DENIED'
  | 'ENGINE_SILENT'
  | 'ENGINE_ELSEWHERE'
  | 'IMAGES_MISSING'
  | 'BROKER_MISSING'
  | 'DOCKER_FAILED'
  | 'NOT_ON_NATIVE'
  | 'NOT_ON_COMPOSE'
  | 'BAD_MODEL_SERVER'
  | 'NO_MODEL_SERVER'
  | 'NO_MODEL'
  | 'MODEL_REASONS_ON'
  | 'BAD_BROKER_ADDRESS'
  | 'NO_BROKER'
  | 'BROKER_DENIED'
  | 'BROKER_IN_USE'
  | 'BROKER_LEFTOVERS'
  | 'NOT_OUR_BROKER'
  | 'UNKNOWN_BROKER'
  | 'NO_VIRTUAL_HOST'
  | 'BAD_SNAPSHOT'
  | 'COMMAND_EXITED'
  | 'COMMAND_SILENT'
  | 'TIMED_OUT'
  | 'INTERRUPTED'

const EXIT_CODES: Partial<Record<LabErrorCode, number>> = {
  BAD_SETTING: EXIT.usage,
  BAD_NAME: EXIT.usage,
  BAD_SCENARIO: EXIT.usage,
  UNKNOWN_GPU_PROFILE: EXIT.usage,
  BAD_GPU_PROFILE: EXIT.usage,
  UNKNOWN_PART: EXIT.usage,
  UNKNOWN_ARM: EXIT.usage,
  GPUS_FIXED: EXIT.usage,
  BAD_MODEL_SERVER: EXIT.usage,
  BAD_BROKER_ADDRESS: EXIT.usage,
  BAD_SNAPSHOT: EXIT.usage,
  MODEL_REASONS_ON: EXIT.unknown,
  INTERRUPTED: EXIT.interrupted,
}

/** An operating error: what was expected, what was seen, what to type next. Not for bugs. */
export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code: LabErrorCode
  /** What a command that meets it exits with. */
  readonly exitCode: number

  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.exitCode = EXIT_CODES[code] ?? EXIT.environment
  }
}
