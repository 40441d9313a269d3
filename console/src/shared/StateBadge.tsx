import { Badge } from '@mantine/core';
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CirclePause,
  CircleX,
  Clock,
  type LucideIcon,
  Send,
  Trash2,
} from 'lucide-react';
import type { DeliveryState, WebhookState } from '../api/types.ts';
import { useMessages } from '../i18n/index.tsx';

interface Look {
  readonly color: string;
  readonly icon: LucideIcon;
}

const webhookLooks: Readonly<Record<WebhookState, Look>> = {
  active: { color: 'green', icon: CircleCheck },
  degraded: { color: 'orange', icon: CircleAlert },
  paused: { color: 'gray', icon: CirclePause },
  disabled: { color: 'red', icon: Ban },
  invalid: { color: 'grape', icon: CircleX },
};

const deliveryLooks: Readonly<Record<DeliveryState, Look>> = {
  sending: { color: 'blue', icon: Send },
  retrying: { color: 'orange', icon: Clock },
  succeeded: { color: 'green', icon: CircleCheck },
  exhausted: { color: 'red', icon: CircleX },
  discarded: { color: 'gray', icon: Trash2 },
};

function StateBadge({ look, label }: { look: Look; label: string }) {
  const Icon = look.icon;
  return (
    <Badge color={look.color} leftSection={<Icon size={12} aria-hidden />} style={{ flexShrink: 0 }}>
      {label}
    </Badge>
  );
}

export function WebhookStateBadge({ state }: { state: WebhookState }) {
  const { webhooks } = useMessages();
  return <StateBadge look={webhookLooks[state]} label={webhooks.states[state]} />;
}

export function DeliveryStateBadge({ state }: { state: DeliveryState }) {
  const { deliveries } = useMessages();
  return <StateBadge look={deliveryLooks[state]} label={deliveries.states[state]} />;
}

/** An HTTP status, coloured by its class. */
export function HttpStatus({ status }: { status: number | null }) {
  if (status === null) return <span>–</span>;
  const color = status < 300 ? 'green' : status < 500 ? 'orange' : 'red';
  return (
    <Badge color={color} className="numeric" style={{ flexShrink: 0 }}>
      {status}
    </Badge>
  );
}
