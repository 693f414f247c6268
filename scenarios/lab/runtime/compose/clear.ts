import { engineHere } from './engine.ts'
import { clearProject, projectOf } from './project.ts'

/** Ends and removes the containers, networks and volumes of the lab in this folder. @param certain whether there were any: else no engine is no trouble */
export async function clearContainers(folder: string, certain: boolean): Promise<void> {
  // First, because each command to an engine that is silent would take minutes, and another machine's engine knows nothing of them.
  const answers = await engineHere().then(
    () => true,
    (error: unknown) => {
      if (certain) throw error
      return false
    },
  )
  if (answers) await clearProject(projectOf(folder))
}
