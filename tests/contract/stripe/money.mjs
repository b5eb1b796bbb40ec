// The official package and the money after a sale: refunds, disputes, other ways to pay, lists,
// balance, payouts, webhooks. node money.mjs URL SECRET_KEY PUBLISHABLE_KEY WEBHOOK_PORT WEBHOOK_SECRET
// Exits 0 when everything is as with Stripe; else throws.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import Stripe from 'stripe';

const [url, secretKey, publishableKey, hookPort, hookSecret] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const options = { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false };
const stripe = new Stripe(secretKey, options);
const browser = new Stripe(publishableKey, options);

// A receiver that believes only what the package says is genuine.
const events = [];
let wake = () => {};
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  assert.throws(() => stripe.webhooks.constructEvent(body, request.headers['stripe-signature'], 'whsec_wrong'));
  events.push(stripe.webhooks.constructEvent(body, request.headers['stripe-signature'], hookSecret));
  response.end('{}');
  wake();
});
await new Promise((done) => receiver.listen(Number(hookPort), '127.0.0.1', done));

/** Waits for an event of a type about an object (its id, intent or payment). */
const told = async (type, id) => {
  for (;;) {
    const found = events.find(({ type: t, data: { object } }) => t === type
      && [object.id, object.payment_intent].includes(id));
    if (found) return found.data.object;
    await new Promise((done) => { wake = done; });
  }
};
const ours = async (path, body) => {
  const answer = await fetch(`${url}/sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  return json;
};
const rejects = async (promise, type, expected) => {
  const error = await promise.then(() => assert.fail('should have been refused'), (e) => e);
  assert.equal(error.type, type, `${error.type}: ${error.message}`);
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, name);
  return error;
};
await ours('settings', { processing_ms: 50, refund_ms: 50, dispute_ms: 50, payout_ms: 50 });

const pay = (method, extra = {}) => stripe.paymentIntents.create({
  amount: 5000, currency: 'eur', confirm: true, payment_method: method, payment_method_types: ['card'],
  metadata: { order_id: 'ord_2' }, ...extra,
});

// Refunds: at once, with metadata, under a key, listed, updated.
const paid = await pay('pm_card_visa');
assert.equal(paid.status, 'succeeded');
assert.equal(paid.capture_method, 'automatic_async');
const some = { payment_intent: paid.id, amount: 1500, reason: 'requested_by_customer', metadata: { refund: '1' } };
const refund = await stripe.refunds.create(some, { idempotencyKey: 'refund-1' });
assert.equal(refund.object, 'refund');
assert.equal(refund.status, 'succeeded');
assert.equal(refund.metadata.refund, '1');
assert.match(refund.balance_transaction, /^txn_/);
assert.equal((await stripe.refunds.create(some, { idempotencyKey: 'refund-1' })).id, refund.id);
assert.equal((await stripe.refunds.retrieve(refund.id)).amount, 1500);
const noted = await stripe.refunds.update(refund.id, { metadata: { refund: '', seat: 'A-1' } });
assert.deepEqual(noted.metadata, { seat: 'A-1' });
const by_charge = await stripe.refunds.create({ charge: paid.latest_charge, amount: 500 });
assert.deepEqual((await stripe.refunds.list({ payment_intent: paid.id })).data.map(({ id }) => id),
  [by_charge.id, refund.id]);
await rejects(stripe.refunds.create({ payment_intent: paid.id, amount: 3001 }), 'StripeInvalidRequestError',
  { statusCode: 400 });
await rejects(stripe.refunds.create({ amount: 3001 }), 'StripeInvalidRequestError', { code: 'parameter_missing' });
await rejects(stripe.refunds.retrieve('re_none'), 'StripeInvalidRequestError', { code: 'resource_missing' });
assert.equal((await told('refund.created', refund.id)).payment_intent, paid.id);
assert.equal((await told('charge.refunded', paid.id)).amount_refunded, 1500);
const charge = await stripe.charges.retrieve(paid.latest_charge);
assert.equal(charge.amount_refunded, 2000);
assert.equal(charge.refunded, false);

// Refunds that fail later, and that are pending first.
const failing = await pay('pm_card_refundFail');
const failed = await stripe.refunds.create({ payment_intent: failing.id });
assert.equal(failed.status, 'succeeded');
const gone = await told('refund.failed', failed.id);
assert.equal(gone.status, 'failed');
assert.match(gone.failure_balance_transaction, /^txn_/);
assert.equal((await stripe.charges.retrieve(failing.latest_charge)).amount_refunded, 0);
const slow = await pay('pm_card_pendingRefund');
const pending = await stripe.refunds.create({ payment_intent: slow.id });
assert.equal(pending.status, 'pending');
assert.equal((await told('refund.updated', pending.id)).status, 'succeeded');

// Disputes: won by evidence, lost by evidence, accepted, an inquiry, one on demand.
const disputed = async (method) => {
  const intent = await pay(method);
  return (await told('charge.dispute.created', intent.id)).id;
};
const first = await disputed('pm_card_createDispute');
const dispute = await stripe.disputes.retrieve(first);
assert.equal(dispute.object, 'dispute');
assert.equal(dispute.status, 'needs_response');
assert.equal(dispute.reason, 'fraudulent');
assert.equal(dispute.balance_transactions[0].amount, -5000);
await told('charge.dispute.funds_withdrawn', first);
await rejects(stripe.refunds.create({ payment_intent: dispute.payment_intent }), 'StripeInvalidRequestError',
  { code: 'charge_disputed' });
const staged = await stripe.disputes.update(first, { evidence: { customer_name: 'Ada' }, submit: false });
assert.equal(staged.status, 'needs_response');
assert.equal(staged.evidence_details.has_evidence, true);
const under = await stripe.disputes.update(first, { evidence: { uncategorized_text: 'winning_evidence' } });
assert.equal(under.status, 'under_review');
assert.equal(under.evidence.customer_name, 'Ada');
assert.equal((await told('charge.dispute.closed', first)).status, 'won');
await told('charge.dispute.funds_reinstated', first);
await told('charge.dispute.updated', first);
assert.equal((await stripe.refunds.create({ payment_intent: dispute.payment_intent })).status, 'succeeded');
const second = await disputed('pm_card_createDisputeProductNotReceived');
await stripe.disputes.update(second, { evidence: { uncategorized_text: 'losing_evidence' } });
const lost = await told('charge.dispute.closed', second);
assert.equal(lost.status, 'lost');
assert.equal(lost.reason, 'product_not_received');
await rejects(stripe.disputes.close(second), 'StripeInvalidRequestError', { statusCode: 400 });
const third = await disputed('pm_card_createDispute');
assert.equal((await stripe.disputes.close(third)).status, 'lost');
const inquiry = await stripe.disputes.retrieve(await disputed('pm_card_createDisputeInquiry'));
assert.equal(inquiry.status, 'warning_needs_response');
assert.deepEqual(inquiry.balance_transactions, []);
const victim = await pay('pm_card_visa');
const asked = await ours('disputes', { intent: victim.id, reason: 'duplicate', amount: 700 });
assert.equal((await stripe.disputes.list({ payment_intent: victim.id })).data[0].id, asked.id);
await ours(`disputes/${asked.id}`, { outcome: 'won' });
assert.equal((await stripe.disputes.retrieve(asked.id)).status, 'won');

// Other ways to pay.
const mixed = (extra = {}) => stripe.paymentIntents.create({
  amount: 5000, currency: 'eur', capture_method: 'automatic', metadata: { order_id: 'ord_3' },
  payment_method_types: ['card', 'ideal', 'bancontact', 'sepa_debit'],
  payment_method_options: { card: { capture_method: 'manual' } }, ...extra,
});
const confirm = (intent, data) => browser.paymentIntents.confirm(intent.id, {
  client_secret: intent.client_secret, return_url: 'https://shop.example/orders/1', ...data,
});
const card = await mixed();
assert.deepEqual(card.payment_method_types, ['card', 'ideal', 'bancontact', 'sepa_debit']);
assert.equal(card.payment_method_options.card.capture_method, 'manual');
assert.equal((await confirm(card, { payment_method: 'pm_card_visa' })).status, 'requires_capture');
for (const [type, word, status] of [['ideal', 'succeed', 'succeeded'], ['bancontact', 'fail', 'failed']]) {
  const intent = await mixed();
  const asks = await confirm(intent, {
    payment_method_data: { type, billing_details: { name: 'Ada' } } });
  assert.equal(asks.status, 'requires_action');
  assert.equal(asks.next_action.type, 'redirect_to_url');
  await told('payment_intent.requires_action', intent.id);
  const bank = asks.next_action.redirect_to_url.url;
  assert.match(await (await fetch(bank)).text(), /Approve/);
  const back = await fetch(bank, { method: 'POST', redirect: 'manual',
    body: new URLSearchParams({ outcome: word }) });
  assert.equal(back.status, 303);
  const home = new URL(back.headers.get('location'));
  assert.equal(home.origin, 'https://shop.example');
  assert.equal(home.searchParams.get('redirect_status'), status);
  assert.equal(home.searchParams.get('payment_intent'), intent.id);
  const after = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
  assert.equal(after.status, word === 'succeed' ? 'succeeded' : 'requires_payment_method');
  assert.equal(after.latest_charge.payment_method_details.type, type);
  if (word === 'fail') assert.equal(after.last_payment_error.code, 'payment_method_customer_decline');
}
const debit = (iban) => ({
  mandate_data: { customer_acceptance: { type: 'online', online: { infer_from_client: true } } },
  payment_method_data: { type: 'sepa_debit', sepa_debit: { iban },
    billing_details: { name: 'Ada', email: 'ada@example.org' } },
});
const good = await mixed();
assert.equal((await confirm(good, debit('DE89 3704 0044 0532 0130 00'))).status, 'processing');
await told('payment_intent.processing', good.id);
assert.equal((await told('payment_intent.succeeded', good.id)).amount_received, 5000);
const bad = await mixed();
await confirm(bad, debit('DE62370400440532013001'));
assert.equal((await told('payment_intent.payment_failed', bad.id)).status, 'requires_payment_method');
await rejects(confirm(bad, { payment_method: 'pm_success_de' }), 'StripeInvalidRequestError',
  { code: 'parameter_missing' });
await rejects(mixed({ currency: 'usd' }), 'StripeInvalidRequestError', { param: 'currency' });
await rejects(mixed({ capture_method: 'manual' }), 'StripeInvalidRequestError', { param: 'capture_method' });
await rejects(pay('pm_success_de'), 'StripeInvalidRequestError',
  { code: 'payment_intent_incompatible_payment_method' });

// 3-D Secure with a page of the bank.
const secure = await mixed();
const challenge = await confirm(secure, { payment_method: 'pm_card_authenticationRequired' });
assert.equal(challenge.next_action.redirect_to_url.return_url, 'https://shop.example/orders/1');

// Error bodies.
const declined = await rejects(pay('pm_card_chargeDeclinedInsufficientFunds'), 'StripeCardError', {
  code: 'card_declined', decline_code: 'insufficient_funds',
  doc_url: 'https://stripe.com/docs/error-codes/card-declined' });
assert.match(declined.payment_intent.id, /^pi_/);

// Lists go on by themselves, each thing once.
const all = async (list, query = {}) => {
  const found = [];
  for await (const one of list.list({ limit: 2, ...query })) found.push(one);
  assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
  return found;
};
const intents = await all(stripe.paymentIntents);
const refunds = await all(stripe.refunds);
const disputes = await all(stripe.disputes);
assert.ok(intents.length > 12 && refunds.length === 5 && disputes.length === 5);
assert.ok((await all(stripe.events, { type: 'charge.dispute.created' })).length === 5);
assert.equal((await stripe.events.retrieve(events[0].id)).type, events[0].type);
assert.equal((await all(stripe.paymentIntents, { created: { gt: Math.floor(Date.now() / 1000) } })).length, 0);

// The balance is the sum of what moved it; a payout takes it away.
const movements = await all(stripe.balanceTransactions);
const sum = movements.reduce((total, { amount }) => total + amount, 0);
assert.equal((await stripe.balance.retrieve()).available[0].amount, sum);
assert.equal((await stripe.balanceTransactions.retrieve(movements[0].id)).id, movements[0].id);
await rejects(stripe.payouts.create({ amount: sum + 1, currency: 'eur' }), 'StripeInvalidRequestError',
  { code: 'balance_insufficient' });
const payout = await stripe.payouts.create({ amount: sum, currency: 'eur' }, { idempotencyKey: 'out' });
assert.equal(payout.status, 'pending');
await told('payout.paid', payout.id);
assert.equal((await stripe.payouts.list()).data[0].status, 'paid');
assert.equal((await stripe.balance.retrieve()).available[0].amount, 0);
const books = await (await fetch(`${url}/sandbox/books`)).json();
assert.ok(books.balances.every(({ balanced }) => balanced));

// Faults as the package sees them.
const fault = (on, kind, more = {}) => ours('faults', { on, fault: kind, times: 1, ...more });
await fault('list', 'rate_limit');
await rejects(stripe.refunds.list(), 'StripeRateLimitError', { statusCode: 429, code: 'rate_limit' });
await fault('retrieve', 'error_503');
await rejects(stripe.refunds.retrieve(refund.id), 'StripeAPIError', { statusCode: 503 });
await fault('refund', 'error_500_after');
const last = await pay('pm_card_visa');
await rejects(stripe.refunds.create({ payment_intent: last.id }, { idempotencyKey: 'odd' }), 'StripeAPIError', {});
assert.equal((await stripe.charges.retrieve(last.latest_charge)).refunded, true);
// (The package itself tries once more where a connection was cut.)
await fault('any', 'down', { ms: 2000 });
await rejects(stripe.balance.retrieve(), 'StripeConnectionError', {});
const patient = new Stripe(secretKey, { ...options, maxNetworkRetries: 5 });
assert.equal((await patient.balance.retrieve()).object, 'balance');

receiver.closeAllConnections();
receiver.close();
console.log('the official client is content with the money');
