/** Prints the live page. A process of its own: the bundler would stay in the console's memory. */
import { consolePage } from '../../../reports/console/document.ts'
import { bundled } from './bundle.ts'

const [root = process.cwd()] = process.argv.slice(2)
process.stdout.write(consolePage(await bundled(root, 'reports/console/page')))
