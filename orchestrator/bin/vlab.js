#!/usr/bin/env node
// Lets Node 20 read TypeScript, then hands over to main.ts.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
