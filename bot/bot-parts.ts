// Everything that a bot needs, handed in by compose.ts or by a test.
import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Planner } from '../core/planner/planner.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Chat } from '../core/ports/chat.ts';
import type { Clock, NewId } from '../core/ports/clock.ts';
import type { Store } from '../core/ports/event-log.ts';
import type { AuditRepository, InfrastructureRepository } from '../core/ports/repository.ts';
import type { EnrolledAgent } from './dispatch/agent-registry.ts';
import type { ReadPolicy } from './policy-file.ts';

export type BotParts = {
  readonly store: Store;
  readonly bus: Bus;
  readonly chats: readonly Chat[];
  readonly repository: InfrastructureRepository;
  readonly audit: AuditRepository;
  readonly planner: Planner;
  readonly readPolicy: ReadPolicy;
  /** Core's Ed25519 private key: what an agent does, it does because this key signed it. */
  readonly signingKey: KeyObject;
  /** Agents of this very process, which need no enrolment. */
  readonly ownAgents?: readonly EnrolledAgent[];
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  /** How long an agent may be silent before its attempt ends as unknown. */
  readonly leaseMs: number;
};
