/** `npm run check`: types, lint and unused code, nothing run. (With a RUN-FOLDER it will judge a stored run again.) */
import { EXIT } from '#contracts/parts'
import { runGates } from './test/gates.ts'

const { failed } = await runGates(`${import.meta.dirname}/..`)
process.exitCode = failed === 0 ? EXIT.ok : EXIT.failed
