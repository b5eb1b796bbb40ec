/* notice_en: what buyers are told, in English. Honest, short, and what to do next. */
#include "effects/notice.h"

#define SEE_ORDER "Your order is here:"
#define SAME_BROWSER "(Open it in the browser that you bought with.)"
#define AT_THE_DOOR                                                                              \
    "At the door, show the code on your phone or on paper. Each code admits one person, once,\n" \
    "so keep it to yourself until then."
#define BANK_DAYS                                                                                \
    "How long it takes until you see it depends on your bank: with cards it is mostly five to\n" \
    "ten days."

const struct notice_catalogue notice_en = {
    .language = "en",
    .hello = "Hello",
    .total = "Total",
    .amount = "Amount",
    .free_of_charge = "free of charge",
    .order = "Order",
    .many =
        {
            [NOTICE_PAID] = {"Your tickets: {event}", "thank you, your order is paid.",
                             "These places are yours:",
                             "Your tickets with their QR codes are here:", SAME_BROWSER,
                             AT_THE_DOOR},
            [NOTICE_FREE] = {"Your tickets: {event}", "thank you for your order.",
                             "These places are yours:",
                             "Your tickets with their QR codes are here:", SAME_BROWSER,
                             AT_THE_DOOR},
            [NOTICE_PROCESSING] =
                {"Your payment is on its way: {event}",
                 "your payment is on its way; your bank takes its time for this kind of payment. "
                 "We "
                 "keep the\nplaces for you until {until} and write to you as soon as it is there.",
                 "These places are kept:", SEE_ORDER, SAME_BROWSER,
                 "You need do nothing. Please do not pay a second time."},
            [NOTICE_DECLINED] = {"Your payment did not succeed: {event}",
                                 "your bank did not carry out the payment, so nothing was taken. "
                                 "We keep the places "
                                 "for you until\n{until}: pay again, or another way.",
                                 "These places are kept:", "Pay here:", SAME_BROWSER, NULL},
            [NOTICE_FAILED] =
                {"Your order was not paid: {event}",
                 "the payment of your order could not be made. We keep nothing of it; "
                 "should your bank show an\namount as reserved, it frees it by "
                 "itself. The places are no longer kept.",
                 NULL, SEE_ORDER, SAME_BROWSER, NULL},
            [NOTICE_EXPIRED] =
                {"Your order has run out: {event}",
                 "your order was not paid in time, so the places are no longer kept. "
                 "Nothing was taken. If you\nstill want to come, choose places again "
                 "while there are any.",
                 NULL, SEE_ORDER, SAME_BROWSER, NULL},
            [NOTICE_TOO_LATE] = {"Your payment came too late and goes back: {event}",
                                 "your payment came when the places were no longer kept, and we "
                                 "could not give them "
                                 "to you any more.\nYou have no tickets. All of it, {amount}, is "
                                 "on its way back to "
                                 "you.",
                                 NULL, SEE_ORDER, SAME_BROWSER, BANK_DAYS},
            [NOTICE_REFUND_BEGUN] =
                {"Your refund: {event}",
                 "tickets of your order were given back; they are no longer valid. {amount} is on "
                 "its way back to you.",
                 "These places were given back:", SEE_ORDER, SAME_BROWSER, BANK_DAYS},
            [NOTICE_REFUND_DONE] = {"Paid back: {event}",
                                    "{amount} of your order was paid back to you.", NULL, SEE_ORDER,
                                    SAME_BROWSER, BANK_DAYS},
            [NOTICE_REVIEW] =
                {"We look at your payment: {event}",
                 "something about the payment of your order is not as it should be, and a person "
                 "looks at it. We write\nto you when it is settled, by {until} at the latest:\n"
                 "you get either your tickets or your money.",
                 NULL, SEE_ORDER, SAME_BROWSER,
                 "You need do nothing. Please do not pay a second time."},
            [NOTICE_ENDED_REVIEW] =
                {"We look at your payment: {event}",
                 "something about the payment of your order is not as it should be, and a person "
                 "looks at it. The places\nare no longer kept, and nothing is kept of the payment: "
                 "we write to you when it is settled.",
                 NULL, SEE_ORDER, SAME_BROWSER,
                 "You need do nothing. Please do not pay a second time."},
            [NOTICE_REFUND_REVIEW] = {"Your refund takes longer: {event}",
                                      "your refund has not reached you yet; a person looks at it. "
                                      "We write to you when it is paid.",
                                      NULL, SEE_ORDER, SAME_BROWSER, "You need do nothing."},
            [NOTICE_RELEASED] =
                {"Your order was given up: {event}",
                 "your bank had accepted your payment but did not hand it over, so we had to give "
                 "up the order.\nNothing was taken, and the places are no longer yours.",
                 NULL, SEE_ORDER, SAME_BROWSER,
                 "Should your bank show an amount as reserved, it frees it by itself."},
            [NOTICE_DISPUTE_OPENED] = {"Your tickets are suspended: {event}",
                                       "your bank tells us that the payment of your order is "
                                       "disputed. Until the bank has "
                                       "decided, the\ntickets are not valid.",
                                       NULL, SEE_ORDER, SAME_BROWSER,
                                       "If this is a mistake, ask your bank to withdraw the "
                                       "dispute: the tickets are valid "
                                       "again at once then."},
            [NOTICE_DISPUTE_WON] = {"Your tickets are valid again: {event}",
                                    "the dispute about the payment of your order is settled, and "
                                    "your tickets are valid again.",
                                    "These places are yours:",
                                    "Your tickets with their QR codes are here:", SAME_BROWSER,
                                    AT_THE_DOOR},
            [NOTICE_DISPUTE_LOST] = {"Your tickets are no longer valid: {event}",
                                     "your bank has taken the payment of your order back for you. "
                                     "The tickets are no longer valid.",
                                     NULL, SEE_ORDER, SAME_BROWSER, NULL},
        },
    .one =
        {
            [NOTICE_PAID] = {"Your ticket: {event}", "thank you, your order is paid.",
                             "This place is yours:", "Your ticket with its QR code is here:",
                             SAME_BROWSER, AT_THE_DOOR},
            [NOTICE_FREE] = {"Your ticket: {event}", "thank you for your order.",
                             "This place is yours:", "Your ticket with its QR code is here:",
                             SAME_BROWSER, AT_THE_DOOR},
        },
};
