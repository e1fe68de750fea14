/** Against a small SMTP server of its own, so that what is sent is what a real one would get. */
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SmtpMailer } from './smtp-mailer.ts'

let smtp: Server
let url: string
/** What the client said, line by line. */
let heard: string[]

beforeEach(async () => {
  heard = []
  smtp = createServer((socket) => {
    let isData = false
    let pending = ''
    socket.write('220 test\r\n')
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\r\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        heard.push(line)
        if (isData && line !== '.') continue
        const isCommand = !isData
        isData = isCommand && line === 'DATA'
        socket.write(isData ? '354 go on\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  url = `smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => smtp.close(resolve)))

test('a message reaches the server with sender, recipient, subject and text', async () => {
  const mailer = new SmtpMailer(url, 'Posterior <posterior@example.org>')
  await mailer.send({ to: 'ada@example.org', subject: 'Hello', text: 'One line\n' })
  await mailer.close()
  expect(heard).toContain('MAIL FROM:<posterior@example.org>')
  expect(heard).toContain('RCPT TO:<ada@example.org>')
  expect(heard).toContain('Subject: Hello')
  expect(heard).toContain('One line')
})

test('an address that looks like two, or like headers, is one recipient or none', async () => {
  const mailer = new SmtpMailer(url, 'posterior@example.org')
  for (const to of ['ada@example.org, eve@example.org', 'ada@example.org\r\nBcc: eve@example.org']) {
    await mailer.send({ to, subject: 'x', text: 'x' }).catch(() => {})
  }
  await mailer.close()
  expect(heard.filter((line) => line.startsWith('RCPT TO:<eve@'))).toEqual([])
})

test('a server that is not there is an error', async () => {
  const mailer = new SmtpMailer('smtp://127.0.0.1:1', 'posterior@example.org')
  await expect(mailer.send({ to: 'ada@example.org', subject: 'x', text: 'x' })).rejects.toThrow()
  await mailer.close()
})
