// What anything thrown becomes for whoever asked: a Problem with the right status. Only a bug of ours shows as 500, and no stack leaves the house.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { LabError, messageOf } from '../../orchestrator/src/lib/lab-error.ts';
import type { Problem } from '../api/shapes.ts';

const STATUS: Readonly<Record<string, number>> = { NO_DATABASE: 503, NO_QUEUE: 503, BAD_ID: 400, NO_TOKEN: 401, BAD_TOKEN: 401, SCOPE: 403, READ_ONLY: 405, NOT_A_WORKER: 409, TOO_MANY_REQUESTS: 429, TOO_MANY_STREAMS: 429, UNKNOWN_ID: 404, NO_SUCH_RUN: 404, UNKNOWN_NAME: 404 };

export function answerProblems(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => { void sayProblem(request, reply, error); });
  server.setNotFoundHandler((request, reply) => {
    void reply.code(404).send({ error: 'NOT_FOUND', message: `there is nothing at ${request.method} ${request.url.split('?')[0] ?? ''}`, next: 'GET /api/openapi.json' } satisfies Problem);
  });
}

export function sayProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { status, problem } = problemOf(error);
  if (status === 500) process.stderr.write(`vlab serve: ${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  // What was to be sent may have failed when its headers were set already: those of a file, or of what is compressed.
  return reply.code(status).removeHeader('content-encoding').removeHeader('content-disposition').send(problem);
}

export function problemOf(error: unknown): { status: number; problem: Problem } {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    if (error.validationContext === 'params') return { status: 400, problem: { error: 'BAD_ID', message: 'this is no name of anything here: runs are called r-, jobs j-, evaluations e-, nights n-, alerts a-, and ten characters', next: 'the lists have those that there are' } };
    return { status: 400, problem: { error: 'BAD_REQUEST', message: `${error.validationContext ?? 'request'}${first?.instancePath ?? ''}: ${first?.message ?? 'not as it should be'}`, next: 'GET /api/openapi.json' } };
  }
  if (error instanceof LabError) return { status: STATUS[error.code] ?? (error.blame === 'request' ? 400 : 503), problem: { error: error.code, message: error.message, next: error.hint ?? null } };
  if (isConnectionLoss(error)) return { status: 503, problem: { error: 'NO_DATABASE', message: `the record's database does not answer: ${messageOf(error)}`, next: 'it is tried again every second' } };
  const status = statusOf(error);
  if (status !== undefined && status < 500) return { status, problem: { error: 'BAD_REQUEST', message: messageOf(error), next: null } };
  return { status: 500, problem: { error: 'BUG', message: 'a bug of the lab; its server says more on its standard error', next: null } };
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** PostgreSQL's classes 08 (connection), 53 (resources), 57 (told to stop) and 58 (system); or the socket itself. */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(08|53|57|58)/.test(code) || ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code) || (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') || /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|driver has already been destroyed)/.test(error.message);
}
