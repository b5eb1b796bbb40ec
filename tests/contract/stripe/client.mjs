// The official package drives the sandbox: node client.mjs URL SECRET_KEY PUBLISHABLE_KEY
// Exits 0 when everything is as with Stripe; else throws.
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const [url, secretKey, publishableKey] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const options = { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false };
const stripe = new Stripe(secretKey, options);
const browser = new Stripe(publishableKey, options);

const create = (extra = {}, key = undefined) => stripe.paymentIntents.create({
  amount: 12550, currency: 'eur', capture_method: 'manual', payment_method_types: ['card'],
  metadata: { order_id: 'ord_1' }, ...extra,
}, key ? { idempotencyKey: key } : {});
const confirm = (intent, method) => browser.paymentIntents.confirm(intent.id, {
  client_secret: intent.client_secret, payment_method: method,
});
const rejects = async (promise, type, expected) => {
  const error = await promise.then(() => assert.fail('should have been refused'), (e) => e);
  assert.equal(error.type, type, `${error.type}: ${error.message}`);
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, name);
  return error;
};

// Create, retrieve, list.
const intent = await create({}, 'key-1');
assert.match(intent.id, /^pi_/);
assert.equal(intent.status, 'requires_payment_method');
assert.equal(intent.amount, 12550);
assert.equal(intent.metadata.order_id, 'ord_1');
assert.ok(intent.client_secret.startsWith(`${intent.id}_secret_`));
assert.equal((await stripe.paymentIntents.retrieve(intent.id)).id, intent.id);
const seen = await browser.paymentIntents.retrieve(intent.id, { client_secret: intent.client_secret });
assert.equal(seen.metadata, undefined, 'a publishable key sees no metadata');
assert.ok((await stripe.paymentIntents.list({ limit: 1 })).data.length === 1);

// Idempotency: the same again, and another request under the same key.
const again = await create({}, 'key-1');
assert.equal(again.id, intent.id);
assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
await rejects(create({ amount: 1 }, 'key-1'), 'StripeIdempotencyError', { statusCode: 400 });

// A decline, then a card that pays; capture.
const declined = await rejects(confirm(intent, 'pm_card_chargeDeclined'), 'StripeCardError', {
  statusCode: 402, code: 'card_declined', decline_code: 'generic_decline',
});
assert.equal(declined.payment_intent.status, 'requires_payment_method');
assert.match(declined.charge, /^ch_/);
await rejects(confirm(intent, 'pm_card_chargeDeclinedInsufficientFunds'), 'StripeCardError', {
  decline_code: 'insufficient_funds',
});
assert.equal((await stripe.paymentIntents.retrieve(intent.id)).last_payment_error.decline_code,
  'insufficient_funds');
assert.equal((await confirm(intent, 'pm_card_visa')).status, 'requires_capture');
assert.equal((await stripe.paymentIntents.retrieve(intent.id)).amount_capturable, 12550);
// A card has one fingerprint; the charge is an id unless it is asked for.
const fingerprint = async (id) => (await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }))
  .latest_charge.payment_method_details.card.fingerprint;
assert.match((await stripe.paymentIntents.retrieve(intent.id)).latest_charge, /^ch_/);
const second = await create();
await confirm(second, 'pm_card_visa');
assert.match(await fingerprint(intent.id), /^[A-Za-z0-9]{16}$/);
assert.equal(await fingerprint(intent.id), await fingerprint(second.id));
const captured = await stripe.paymentIntents.capture(intent.id);
assert.equal(captured.status, 'succeeded');
assert.equal(captured.amount_received, 12550);
await rejects(stripe.paymentIntents.capture(intent.id), 'StripeInvalidRequestError', {
  statusCode: 400, code: 'payment_intent_unexpected_state',
});

// Refunds.
const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 2550 });
assert.equal(refund.status, 'succeeded');
assert.equal((await stripe.refunds.create({ payment_intent: intent.id })).amount, 10000);
await rejects(stripe.refunds.create({ payment_intent: intent.id }), 'StripeInvalidRequestError', {
  code: 'charge_already_refunded',
});

// Cancel.
const dropped = await create();
assert.equal((await stripe.paymentIntents.cancel(dropped.id)).status, 'canceled');
await rejects(confirm(dropped, 'pm_card_visa'), 'StripeInvalidRequestError', {
  code: 'payment_intent_unexpected_state',
});

// A number instead of a method; automatic capture; confirmed at creation.
const typed = await create({ capture_method: 'automatic' });
assert.equal((await browser.paymentIntents.confirm(typed.id, {
  client_secret: typed.client_secret,
  payment_method_data: { type: 'card', card: { number: '4242424242424242' } },
})).status, 'succeeded');
assert.equal((await create({ confirm: true, payment_method: 'pm_card_mastercard' })).status,
  'requires_capture');

// 3-D Secure.
const secure = await create();
assert.equal((await confirm(secure, 'pm_card_authenticationRequired')).status, 'requires_action');
const proved = await fetch(`${url}/sandbox/authenticate/${secure.id}`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ outcome: 'succeed' }),
});
assert.equal((await proved.json()).status, 'requires_capture');

// What is not allowed.
await rejects(new Stripe('sk_test_wrong', options).paymentIntents.retrieve(intent.id),
  'StripeAuthenticationError', { statusCode: 401 });
await rejects(browser.paymentIntents.capture(secure.id), 'StripePermissionError', { statusCode: 403 });
await rejects(browser.paymentIntents.retrieve(secure.id, { client_secret: 'pi_x_secret_y' }),
  'StripeInvalidRequestError', { code: 'resource_missing' });
await rejects(stripe.paymentIntents.retrieve('pi_none'), 'StripeInvalidRequestError', {
  statusCode: 404, code: 'resource_missing',
});
await rejects(create({ amount: 0 }), 'StripeInvalidRequestError', { param: 'amount' });
await rejects(create({ flavour: 'x' }), 'StripeInvalidRequestError', { code: 'parameter_unknown' });

// A stored 500 comes back under its key and not under another.
const fault = { method: 'POST', body: JSON.stringify({ on: 'create', fault: 'error_500', times: 1 }) };
assert.equal((await fetch(`${url}/sandbox/faults`, fault)).status, 200);
await rejects(create({}, 'key-500'), 'StripeAPIError', { statusCode: 500 });
const stuck = await rejects(create({}, 'key-500'), 'StripeAPIError', { statusCode: 500 });
assert.equal(stuck.headers['idempotent-replayed'], 'true');
assert.match((await create({}, 'key-501')).id, /^pi_/);
console.log('the official client is content');
