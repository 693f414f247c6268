import { defaultRuntime } from '#lab'

/** Before the tests of labs: an engine on this machine would make `auto` take containers. */
process.env['PREFETCH_LAB_RUNTIME'] ||= 'native'
defaultRuntime() // A misspelt one fails here, and not in each test and after it.
