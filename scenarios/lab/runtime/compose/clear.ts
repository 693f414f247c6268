import { engineHere } from './engine.ts'
import { clearProject, projectOf } from './project.ts'

/** Removes containers, networks, volumes. @param certain there were some: an engine must answer */
export async function clearContainers(folder: string, certain: boolean): Promise<void> {
  // First: each command to a silent engine takes minutes, and another machine's knows nothing.
  const answers = await engineHere().then(
    () => true,
    (error: unknown) => {
      if (certain) throw error
      return false
    },
  )
  if (answers) await clearProject(projectOf(folder))
}
