import type { Command } from '../command.ts'

/** `posterior push`: a project to a server. */
export const pushCommand: Command = {
  name: 'push',
  summary: 'Send a studio project to a server.',
  description: [
    'Send the priors, models, evals and datasets of a folder, all versions, and its roadmap, initiatives and literature to a project of a server. What the server has already is left as it is; a version that it has with other content is not overwritten, and the answer is to raise the version in the file. Texts without versions take the place of those that the server has. The exit code is 1 when something was not sent.',
    'Runs are sent only when --only names them, because the server begins to train what it gets.',
    'The server is that of POSTERIOR_URL or --url, and the token that of POSTERIOR_TOKEN; the page /api-tokens of the server issues one.',
  ],
  positionals: [{ name: '[DIR]', summary: 'Folder of the project; default: the current one.' }],
  options: [
    {
      name: 'project',
      kind: 'string',
      value: 'ID|SLUG',
      defaultText: 'the slug in project.yaml',
      summary: 'Project of the server.',
    },
    {
      name: 'only',
      kind: 'string',
      value: 'KINDS',
      defaultText: 'all but runs',
      summary:
        'What to send: priors, models, evals, datasets, roadmap, initiatives, literature, runs, separated by commas.',
    },
    { name: 'create', kind: 'flag', summary: 'Make the project if the server has none of this slug.' },
    { name: 'dry-run', kind: 'flag', summary: 'Say what would be sent, and send nothing.' },
    {
      name: 'url',
      kind: 'string',
      value: 'URL',
      defaultText: 'POSTERIOR_URL',
      summary: 'The server.',
    },
    { name: 'json', kind: 'flag', summary: 'Print JSON instead of text.' },
  ],
  examples: [
    'npx posterior push --create --url http://127.0.0.1:8000',
    'npx posterior push my-project --project lines --only models,runs',
  ],
  async run(values, [folder], context) {
    const { pushProject } = await import('../project/push-project.ts')
    return await pushProject({ values, folder, context })
  },
}
