/* schema: what views.db looks like. A change of any statement here needs a new VIEWS_VERSION. */
#ifndef ONSALE_VIEWS_SCHEMA_H
#define ONSALE_VIEWS_SCHEMA_H

#define VIEWS_VERSION 2

#define VIEWS_SCHEMA                                                                          \
    "CREATE TABLE stamp(one INTEGER PRIMARY KEY CHECK(one = 1), version INTEGER, zones TEXT," \
    " seq INTEGER, ts INTEGER) STRICT;"                                                       \
    "CREATE TABLE event(partition INTEGER PRIMARY KEY, random INTEGER, starts INTEGER,"       \
    " document BLOB, folded BLOB, city BLOB, category BLOB, performers BLOB, venue BLOB,"     \
    " venue_id BLOB) STRICT;"                                                                 \
    "CREATE INDEX event_by_start ON event(starts, partition);"                                \
    "CREATE TABLE contact(partition INTEGER, slot INTEGER, random INTEGER, person INTEGER,"   \
    " sealed BLOB, PRIMARY KEY(partition, slot)) STRICT, WITHOUT ROWID;"                      \
    "CREATE TABLE money(partition INTEGER, slot INTEGER, ts INTEGER, entry BLOB) STRICT;"     \
    "CREATE INDEX money_by_order ON money(partition, slot, ts);"

#endif
