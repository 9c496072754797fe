// What is wrong with what somebody gave, said so that they can give something better.
import { LabError } from '../lib/lab-error.ts';

export function refusal(code: string, message: string, hint?: string, evidence?: string): LabError {
  return new LabError(code, message, { blame: 'request', stage: 'request', ...(hint === undefined ? {} : { hint }), ...(evidence === undefined ? {} : { evidence }) });
}
