import { playgroundPage } from '../../../reports/playground/document.ts'
import { bundled } from '../page/bundle.ts'

/** The playground as one HTML file. @param root the clone */
export async function buildPlayground(root: string): Promise<string> {
  return playgroundPage(await bundled(root, 'reports/playground/page'))
}
