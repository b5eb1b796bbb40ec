// Prints webhooks as the official package signs them: one JSON object a line with secret, header,
// time stamp and payload. Read by tests/unit/sandbox/test_stripe_client.c.
import Stripe from 'stripe';

const stripe = new Stripe('sk_test_unused');
const now = Math.floor(Date.now() / 1000);
const intent = {
  id: 'pi_1', object: 'payment_intent', amount: 4200, amount_capturable: 4200, amount_received: 0,
  currency: 'eur', status: 'requires_capture', metadata: { order_id: 'ord_é€😀' },
};
const payloads = [
  JSON.stringify({ id: 'evt_1', object: 'event', type: 'payment_intent.amount_capturable_updated',
    data: { object: intent } }),
  JSON.stringify({ id: 'evt_2', object: 'event', type: 'payout.paid', data: { object: {} } }, null, 2),
  JSON.stringify({ id: 'evt_3', object: 'event', type: 'payment_intent.succeeded',
    data: { object: { ...intent, status: 'succeeded', amount_received: 4200 } } }) + '\n',
];
for (const payload of payloads) {
  for (const secret of ['whsec_0123456789abcdef', 'whsec_other']) {
    const header = stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: now });
    stripe.webhooks.constructEvent(payload, header, secret); // throws when it disagrees with itself
    console.log(JSON.stringify({ secret, header, timestamp: now, payload }));
  }
}
