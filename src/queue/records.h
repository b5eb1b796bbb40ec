/*
 * records: commands and entries of the waiting room's machine; see booking/records.h for the form
 * and the shared meanings. A `lane` is a line of its own with its own numbers (enum queue_lane); a
 * `number` is a place in it, dense from 0 in order of arrival; a `rank` is a place's turn
 * (RULES.md).
 */
#ifndef ONSALE_QUEUE_RECORDS_H
#define ONSALE_QUEUE_RECORDS_H

#include "base/codec.h"

/* ---- entries: facts ---- */

/* An event has a waiting room. `seed` are 32 bytes of random numbers, kept from everybody until the
 * draw. `lobby_opens_at_us` 0: no lobby, places are called in order of arrival. `on` 0: a safety
 * net, not in force until it is switched on. */
#define QUEUE_ENTRY_OPENED(F)                                                     \
    F(U64, event_random)                                                          \
    F(U32, places)          /* room in the general lane */                        \
    F(U32, priority_places) /* room in the priority lane */                       \
    F(U64, lobby_opens_at_us)                                                     \
    F(U64, opens_at_us) /* the lobby closes and is drawn */                       \
    F(U32, target_active)                                                         \
    F(U32, per_minute)                                                            \
    F(U32, claim_seconds)                                                         \
    F(U32, admission_seconds)                                                     \
    F(U32, threshold) /* switch on by itself at so many active sessions; 0: no */ \
    F(U8, on)                                                                     \
    F(BYTES, seed)

/* Numbers 0: unchanged. `on`: 1 on, 2 off. `pause` (enum queue_pause): 1 pause, 2 go on, 3 the sale
 * pauses, 4 the sale goes on. `close`: 1, for good. Times can be changed while the lobby has not
 * closed. `threshold`: 0xffffffff: none. */
#define QUEUE_ENTRY_CHANGED(F) \
    F(U64, lobby_opens_at_us)  \
    F(U64, opens_at_us)        \
    F(U32, target_active)      \
    F(U32, per_minute)         \
    F(U32, claim_seconds)      \
    F(U32, admission_seconds)  \
    F(U32, threshold)          \
    F(U8, on)                  \
    F(U8, pause)               \
    F(U8, close)

/* Whoever joins from now on stands behind those who are here. */
#define QUEUE_ENTRY_LOBBY_CLOSED(F) F(U32, count) F(U32, priority_count)

/* `chain_hash`: of the journal's row that holds LobbyClosed, 32 bytes. With the seed and the count
 * it makes the draw's key. */
#define QUEUE_ENTRY_LOBBY_DRAWN(F) F(BYTES, chain_hash)

#define QUEUE_ENTRY_VISITOR_JOINED(F) F(U8, lane) F(U32, number) F(HASH, session)

/* A visitor gave up a place that was not used yet. */
#define QUEUE_ENTRY_VISITOR_LEFT(F) F(U8, lane) F(U32, number)

/* Ranks below `upto` may come in; those of this call until `closes_at_us`. `present` of them had
 * not left. */
#define QUEUE_ENTRY_PLACES_CALLED(F) \
    F(U8, lane)                      \
    F(U32, upto)                     \
    F(U32, present)                  \
    F(U64, closes_at_us)

/* The time of the lane's oldest open call is over: who did not come has missed it. */
#define QUEUE_ENTRY_CALL_ENDED(F) F(U8, lane) F(U32, upto)

#define QUEUE_ENTRY_VISITOR_ADMITTED(F) \
    F(U32, admission)                   \
    F(U64, admission_random)            \
    F(U8, lane)                         \
    F(U32, number)                      \
    F(HASH, session)                    \
    F(U64, expires_at_us)

#define QUEUE_ENTRY_ADMISSION_ENDED(F) F(U32, admission) F(U8, reason) /* enum queue_end */

#define QUEUE_ENTRY_TIME_PASSED(F) F(U8, reserved)
#define QUEUE_ENTRY_OUTAGE_CREDITED(F) F(U64, outage_us)

/* Place `number` of the priority lane was given for an access code that only so many may use. */
#define QUEUE_ENTRY_CODE_COUNTED(F) F(U32, number) F(U32, code)

/* number, struct tag, name as shown, field list */
#define QUEUE_ENTRIES(R)                                                     \
    R(2001, opened, QueueOpened, QUEUE_ENTRY_OPENED)                         \
    R(2002, changed, QueueChanged, QUEUE_ENTRY_CHANGED)                      \
    R(2003, lobby_closed, LobbyClosed, QUEUE_ENTRY_LOBBY_CLOSED)             \
    R(2004, lobby_drawn, LobbyDrawn, QUEUE_ENTRY_LOBBY_DRAWN)                \
    R(2005, visitor_joined, VisitorJoined, QUEUE_ENTRY_VISITOR_JOINED)       \
    R(2006, visitor_left, VisitorLeft, QUEUE_ENTRY_VISITOR_LEFT)             \
    R(2007, places_called, PlacesCalled, QUEUE_ENTRY_PLACES_CALLED)          \
    R(2008, call_ended, CallEnded, QUEUE_ENTRY_CALL_ENDED)                   \
    R(2009, visitor_admitted, VisitorAdmitted, QUEUE_ENTRY_VISITOR_ADMITTED) \
    R(2010, admission_ended, AdmissionEnded, QUEUE_ENTRY_ADMISSION_ENDED)    \
    R(2011, time_passed, TimePassed, QUEUE_ENTRY_TIME_PASSED)                \
    R(2012, outage_credited, OutageCredited, QUEUE_ENTRY_OUTAGE_CREDITED)    \
    R(2013, code_counted, CodeCounted, QUEUE_ENTRY_CODE_COUNTED)

/* ---- commands: requests ---- */

#define QUEUE_COMMAND_CHANGE(F) QUEUE_ENTRY_CHANGED(F)
/* `code`: the number of the access code that leads into the priority lane, when no more than
 * `code_limit` sessions may use it at once; 0: none, or as many as like. */
#define QUEUE_COMMAND_JOIN(F) F(U8, lane) F(HASH, session) F(U32, code) F(U32, code_limit)
#define QUEUE_COMMAND_LEAVE(F) F(HASH, session)
#define QUEUE_COMMAND_CLAIM(F) F(HASH, session) F(U64, admission_random)
/* At most so many more of each lane. */
#define QUEUE_COMMAND_CALL(F) F(U32, general) F(U32, priority)
/* This session bought: its admission ends. */
#define QUEUE_COMMAND_SOLD(F) F(HASH, session)
#define QUEUE_COMMAND_DRAW(F) F(BYTES, chain_hash)
#define QUEUE_COMMAND_TICK(F) F(U8, reserved)
#define QUEUE_COMMAND_CREDIT_OUTAGE(F) F(U64, outage_us)

#define QUEUE_COMMANDS(R)                           \
    R(1, change, ChangeQueue, QUEUE_COMMAND_CHANGE) \
    R(2, join, Join, QUEUE_COMMAND_JOIN)            \
    R(3, leave, Leave, QUEUE_COMMAND_LEAVE)         \
    R(4, claim, Claim, QUEUE_COMMAND_CLAIM)         \
    R(5, call, Call, QUEUE_COMMAND_CALL)            \
    R(6, sold, Sold, QUEUE_COMMAND_SOLD)            \
    R(7, draw, Draw, QUEUE_COMMAND_DRAW)            \
    R(8, tick, Tick, QUEUE_COMMAND_TICK)            \
    R(9, credit_outage, CreditOutage, QUEUE_COMMAND_CREDIT_OUTAGE)

/* ---- what the lists make ---- */

#define QUEUE_RECORD_STRUCT(number, tag, name, LIST) CODEC_STRUCT(queue_entry_##tag, LIST)
QUEUE_ENTRIES(QUEUE_RECORD_STRUCT)
#undef QUEUE_RECORD_STRUCT

#define QUEUE_RECORD_STRUCT(number, tag, name, LIST) CODEC_STRUCT(queue_command_##tag, LIST)
QUEUE_COMMANDS(QUEUE_RECORD_STRUCT)
#undef QUEUE_RECORD_STRUCT

#define QUEUE_RECORD_NUMBER(number, tag, name, LIST) QUEUE_ENTRY_##tag = number,
enum queue_entry_number { QUEUE_ENTRIES(QUEUE_RECORD_NUMBER) };
#undef QUEUE_RECORD_NUMBER

#define QUEUE_RECORD_NUMBER(number, tag, name, LIST) QUEUE_COMMAND_##tag = number,
enum queue_command_number { QUEUE_COMMANDS(QUEUE_RECORD_NUMBER) };
#undef QUEUE_RECORD_NUMBER

#define QUEUE_RECORD_MEMBER(number, tag, name, LIST) struct queue_entry_##tag tag;
struct queue_entry {
    uint16_t number; /* enum queue_entry_number */
    union {
        QUEUE_ENTRIES(QUEUE_RECORD_MEMBER)
    };
};
#undef QUEUE_RECORD_MEMBER

#define QUEUE_RECORD_MEMBER(number, tag, name, LIST) struct queue_command_##tag tag;
struct queue_command {
    uint16_t number; /* enum queue_command_number */
    union {
        QUEUE_COMMANDS(QUEUE_RECORD_MEMBER)
    };
};
#undef QUEUE_RECORD_MEMBER

const struct codec_record *queue_entry_record(uint16_t number);   /* NULL: unknown */
const struct codec_record *queue_command_record(uint16_t number); /* NULL: unknown */

/* u16 number, then the fields; as in booking/records.h. */
size_t queue_entry_size(const struct queue_entry *entry);
size_t queue_entry_encode(const struct queue_entry *entry, void *to);
bool queue_entry_decode(struct slice bytes, struct queue_entry *ret_entry);
size_t queue_command_size(const struct queue_command *command);
size_t queue_command_encode(const struct queue_command *command, void *to);
bool queue_command_decode(struct slice bytes, struct queue_command *ret_command);

#endif
