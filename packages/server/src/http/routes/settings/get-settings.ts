import { ROUTES, settingsSchema } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /tabpfn/get_settings` and the older `GET /tabpfn/get_model_limits`: one object for both. */
export function settingsRoutes(app: Api, { settings }: AppDeps): void {
  const schema = {
    tags: ['settings'],
    summary: 'Limits and model versions',
    response: { 200: settingsSchema },
  }
  const paths = [
    [ROUTES.getSettings.path, 'What this server accepts; it refuses with a 422 what is beyond.'],
    [ROUTES.getModelLimits.path, 'The same object as `get_settings`, for older clients.'],
  ] as const
  for (const [path, description] of paths) {
    app.get(path, { schema: { ...schema, description } }, async () => settings)
  }
}
