#include "unit/queue/stage.h"

#include <stdio.h>

/* RULES.md, line by line, and every refusal. */

/* Opens its lobby at 1000, opens at 2000, 60 seconds to claim, 300 seconds inside. */
static void play(const char *name, const char *script)
{
    struct queue_entry_opened o = ordinary(8, 2);
    stage_play(name, &o, script);
}

/* Without a lobby: number = rank, so that scripts are easy to read. */
static void play_line(const char *name, const char *script)
{
    struct queue_entry_opened o = ordinary(8, 2);
    o.lobby_opens_at_us = 0;
    o.target_active = 2;
    stage_play(name, &o, script);
}

static void each_refusal_in_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *name, *script;
    } table[] = {
        {"before the lobby opens",
         "@999.999999\njoin a -> lobby_not_open\nleave a -> not_in_queue\n"
         "claim a -> not_in_queue\n@1000\njoin a -> VisitorJoined"},
        {"off", "change on=2 -> QueueChanged\n@1500\njoin a -> queue_not_needed\n"
                "claim a -> queue_not_needed\nleave a -> queue_not_needed"},
        {"ended", "@1500\njoin a -> VisitorJoined\nchange close=1 -> QueueChanged\n"
                  "join a -> queue_closed\nclaim a -> queue_closed\nleave a -> queue_closed\n"
                  "change target_active=7 -> queue_closed\nchange close=1 -> \nroom is ended 0"},
        {"off undoes a close", "@1500\njoin a -> VisitorJoined\nchange close=1 -> QueueChanged\n"
                               "change on=2 -> QueueChanged\njoin a -> queue_not_needed\n"
                               "change pause=1 -> queue_closed\nchange on=1 -> QueueChanged\n"
                               "join a -> queue_closed\nroom is ended 0"},
        {"full",
         "@1500\njoin a -> VisitorJoined\njoin b -> VisitorJoined\njoin c -> VisitorJoined\n"
         "join d -> VisitorJoined\njoin e -> VisitorJoined\njoin f -> VisitorJoined\n"
         "join g -> VisitorJoined\njoin h -> VisitorJoined\njoin i -> queue_full\n"
         "join h -> same 7\nvip i -> VisitorJoined\nvip j -> VisitorJoined\n"
         "vip a -> queue_full\na is lobby 0 -"},
        {"not in line", "@1500\nclaim a -> not_in_queue\nleave a -> not_in_queue\n"
                        "join a -> VisitorJoined\nleave a -> VisitorLeft\n"
                        "leave a -> not_in_queue\nclaim a -> not_in_queue\na is left 0 -"},
        {"not called", "@1500\njoin a -> VisitorJoined\nclaim a -> not_called\n@2000\n"
                       "tick -> LobbyClosed\nclaim a -> not_called\njoin b -> VisitorJoined\n"
                       "claim b -> not_called\ndraw -> LobbyDrawn\nclaim a -> not_called\n"
                       "a is waiting 0 0\nb is waiting 1 1"},
        {"bad changes",
         "change lobby_opens_at=2000 -> bad_change\nchange opens_at=1000 -> bad_change\n"
         "change opens_at=1000.000001 -> QueueChanged\nchange target_active=50001 -> bad_change\n"
         "change per_minute=600001 -> bad_change\nchange claim_seconds=9 -> bad_change\n"
         "change claim_seconds=3601 -> bad_change\nchange admission_seconds=59 -> bad_change\n"
         "change admission_seconds=7201 -> bad_change\nchange on=3 -> bad_change\n"
         "change pause=5 -> bad_change\nchange close=2 -> bad_change\n"
         "change target_active=50000 per_minute=600000 claim_seconds=3600 "
         "admission_seconds=7200 -> QueueChanged\n"
         "change claim_seconds=10 admission_seconds=60 -> QueueChanged\nchange threshold=0 -> \n"
         "change threshold=none -> \nchange threshold=5 -> QueueChanged\n"
         "change threshold=5 -> \nchange threshold=none -> QueueChanged"},
        {"times too late", "@2000\nchange opens_at=2500 -> bad_change\n"
                           "change opens_at=2000 target_active=9 -> LobbyClosed QueueChanged\n"
                           "change opens_at=2500 -> bad_change\nchange opens_at=2000 -> "},
        {"not drawable", "draw -> not_drawable\n@1500\njoin a -> VisitorJoined\n"
                         "draw -> not_drawable\n@2000\ndraw -> not_drawable\ntick -> LobbyClosed\n"
                         "draw -> LobbyDrawn\ndraw -> not_drawable"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        play(table[i].name, table[i].script);
}

static void a_session_has_one_place(void **state)
{
    (void)state;
    play_line("joining again gives the same place", "join a -> LobbyClosed VisitorJoined\n"
                                                    "join b -> VisitorJoined\njoin a -> same 0\n"
                                                    "call 1 -> PlacesCalled\njoin a -> same 0\n"
                                                    "claim a -> VisitorAdmitted\njoin a -> same 0\n"
                                                    "vip a -> same 0\nb is waiting 1 0");
    play_line("moving up gives the general place up",
              "join a -> LobbyClosed VisitorJoined\nvip a -> VisitorLeft VisitorJoined\n"
              "a is vip waiting 0 0\njoin a -> same 0\na is vip waiting 0 0\n"
              "call 5 0 -> PlacesCalled\nclaim a -> not_called\nroom is line 0\n"
              "call 0 1 -> PlacesCalled\nclaim a -> VisitorAdmitted");
    play_line("also when it was called", "join a -> LobbyClosed VisitorJoined\n"
                                         "call 1 -> PlacesCalled\nroom is line 1\n"
                                         "vip a -> VisitorLeft VisitorJoined\nroom is line 0");
    play_line("a place can be used once",
              "join a -> LobbyClosed VisitorJoined\ncall 1 -> PlacesCalled\n"
              "claim a -> VisitorAdmitted\nsold a -> AdmissionEnded\na is used 0 0\n"
              "claim a -> admission_over\nleave a -> not_in_queue\njoin b -> VisitorJoined\n"
              "join a -> VisitorJoined\na is waiting 2 1");
    play_line("back in the other lane", "vip a -> LobbyClosed VisitorJoined\n"
                                        "leave a -> VisitorLeft\njoin a -> VisitorJoined\n"
                                        "a is waiting 0 0\nleave a -> VisitorLeft\n"
                                        "a is left 0 0\nvip a -> VisitorJoined\n"
                                        "a is vip waiting 1 1");
    play_line("missed and back at the end",
              "@100\njoin a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
              "@101\ncall 1 -> PlacesCalled\n@161\na is missed 0 0\nleave a -> not_in_queue\n"
              "join a -> VisitorJoined\na is waiting 2 1\ncredit 100 -> OutageCredited\n"
              "room is line 0\nclaim a -> not_called");
    play_line("an outage does not bring back what was left behind",
              "@100\njoin a -> LobbyClosed VisitorJoined\ncall 1 -> PlacesCalled\n"
              "claim a -> VisitorAdmitted\n@500\na is used 0 0\n"
              "join a -> AdmissionEnded VisitorJoined\ncredit 1000 -> OutageCredited\n"
              "a is waiting 1 0\nroom is line 0");
}

static void phases_follow_the_clock(void **state)
{
    (void)state;
    play("a lobby", "room is soon 0\n@1000\nroom is lobby 0\njoin a -> VisitorJoined\n"
                    "@1999.999999\nroom is lobby 0\njoin b -> VisitorJoined\n@2000\n"
                    "room is drawing 0\njoin c -> LobbyClosed VisitorJoined\na is lobby 0 -\n"
                    "c is waiting 2 2\ncall 3 3 -> \ndraw -> LobbyDrawn\nroom is line 0\n"
                    "call 2 -> PlacesCalled\nc is waiting 2 0\na is called 0 0 2060\n"
                    "b is called 1 0 2060");
    play("whatever comes first closes it",
         "@1500\njoin a -> VisitorJoined\n@2000\njoin a -> LobbyClosed same 0");
    play("a refusal closes nothing", "@1500\njoin a -> VisitorJoined\n@2000\n"
                                     "claim b -> not_in_queue\nchange pause=1 -> LobbyClosed "
                                     "QueueChanged");
    play("nobody in the lobby", "@2000\nroom is line 0\njoin a -> LobbyClosed VisitorJoined\n"
                                "draw -> not_drawable\ncall 1 -> PlacesCalled");
    play("only priority", "@1500\nvip a -> VisitorJoined\n@2000\ntick -> LobbyClosed\n"
                          "room is drawing 0\ndraw -> LobbyDrawn\ncall 0 1 -> PlacesCalled\n"
                          "claim a -> VisitorAdmitted");
    play("switched off and on in the lobby",
         "@1500\njoin a -> VisitorJoined\nchange on=2 -> QueueChanged\nroom is off 0\n"
         "change on=1 -> QueueChanged\nroom is lobby 0\njoin a -> same 0");
    play("switched on after it",
         "@1500\njoin a -> VisitorJoined\nchange on=2 -> QueueChanged\n@2001\ntick -> LobbyClosed\n"
         "draw -> LobbyDrawn\nchange on=1 -> QueueChanged\nroom is line 0\na is waiting 0 0");
    play("times can move while it is open",
         "@1500\njoin a -> VisitorJoined\nchange opens_at=3000 -> QueueChanged\n@2500\n"
         "room is lobby 0\n@3000\ntick -> LobbyClosed");
    play_line("no lobby", "room is line 0\ncall 1 -> LobbyClosed\njoin a -> VisitorJoined\n"
                          "call 1 -> PlacesCalled\nclaim a -> VisitorAdmitted");
}

static void calls_and_claims_are_exact_to_the_microsecond(void **state)
{
    (void)state;
    play_line("a claim in time, and late",
              "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
              "join c -> VisitorJoined\njoin d -> VisitorJoined\n@100\ncall 2 -> PlacesCalled\n"
              "@159.999999\nroom is line 2\nclaim a -> VisitorAdmitted\n@160\n"
              "b is missed 1 0\nroom is line 1\nclaim b -> VisitorAdmitted\nroom is line 2");
    play_line("late and no room",
              "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
              "join c -> VisitorJoined\n@100\ncall 1 -> PlacesCalled\n@160\n"
              "call 2 -> PlacesCalled\nclaim a -> call_missed\ntick -> CallEnded\n"
              "claim a -> call_missed\nleave b -> VisitorLeft\nclaim a -> VisitorAdmitted\n"
              "claim c -> VisitorAdmitted\nclaim c -> same 2");
    play_line("in time it is given beyond the target",
              "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
              "call 2 -> PlacesCalled\nchange target_active=1 -> QueueChanged\n"
              "claim a -> VisitorAdmitted\nclaim b -> VisitorAdmitted\nroom is line 2");
    play_line("an admission ends",
              "join a -> LobbyClosed VisitorJoined\ncall 1 -> PlacesCalled\n@50\n"
              "claim a -> VisitorAdmitted\n@349.999999\na is admitted 0 0 350\n@350\n"
              "a is used 0 0\nroom is line 1\nsold a -> \nleave a -> not_in_queue\n"
              "claim a -> admission_over\ntick -> CallEnded AdmissionEnded\n"
              "room is line 0");
    play_line("those who left are passed over",
              "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
              "join c -> VisitorJoined\njoin d -> VisitorJoined\nleave a -> VisitorLeft\n"
              "leave c -> VisitorLeft\n@100\ncall 2 -> PlacesCalled\nb is called 1 0 160\n"
              "d is called 3 0 160\nroom is line 2\nleave b -> VisitorLeft\nroom is line 1");
    play_line("calls end in their order after claim_seconds was made shorter",
              "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n@100\n"
              "call 1 -> PlacesCalled\nchange claim_seconds=10 -> QueueChanged\n"
              "call 1 -> PlacesCalled\nb is called 1 0 160\n@160\ntick -> CallEnded CallEnded\n"
              "tick -> ");
    play_line("admissions end in their order after they were made shorter",
              "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
              "call 2 -> PlacesCalled\n@10\nclaim a -> VisitorAdmitted\n"
              "change admission_seconds=60 -> QueueChanged\nclaim b -> VisitorAdmitted\n"
              "b is admitted 1 0 70\n@75\ntick -> CallEnded AdmissionEnded\na is admitted 0 0 310");
    play_line("leaving", "join a -> LobbyClosed VisitorJoined\ncall 1 -> PlacesCalled\n"
                         "claim a -> VisitorAdmitted\nleave a -> AdmissionEnded\na is used 0 0\n"
                         "leave a -> not_in_queue\nroom is line 0");
    play_line("closing", "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
                         "call 2 -> PlacesCalled\nclaim a -> VisitorAdmitted\n"
                         "change close=1 -> QueueChanged\na is used 0 0\nb is missed 1 0\n"
                         "room is ended 0\nsold a -> \ntick -> AdmissionEnded\ntick -> ");
    play_line("nothing to call", "tick -> LobbyClosed\ncall 5 5 -> \njoin a -> VisitorJoined\n"
                                 "call 0 0 -> \ncall 1 -> PlacesCalled\ncall 1 -> ");
    play_line("priority first", "join a -> LobbyClosed VisitorJoined\nvip b -> VisitorJoined\n"
                                "call 1 1 -> PlacesCalled PlacesCalled\na is called 0 0 61\n"
                                "b is vip called 0 0 61");
}

static void time_that_does_not_count_is_given_back(void **state)
{
    (void)state;
    play_line("a pause", "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
                         "join c -> VisitorJoined\n@100\ncall 2 -> PlacesCalled\n@110\n"
                         "claim a -> VisitorAdmitted\n@120\nchange pause=1 -> QueueChanged\n"
                         "change pause=1 -> \n@5000\na is admitted 0 0 410\nb is called 1 0 160\n"
                         "call 1 -> \ncredit 1000 -> \nclaim b -> VisitorAdmitted\n@6120\n"
                         "change pause=2 -> QueueChanged\na is admitted 0 0 6410\n"
                         "b is admitted 1 0 6420\n@6410\na is used 0 0\nchange pause=2 -> ");
    play_line("no late claim in a pause",
              "join a -> LobbyClosed VisitorJoined\n@100\ncall 1 -> PlacesCalled\n@160\n"
              "change pause=1 -> QueueChanged\nclaim a -> call_missed\n"
              "tick -> CallEnded\nclaim a -> call_missed\nchange pause=2 -> QueueChanged\n"
              "claim a -> VisitorAdmitted");
    play_line("an outage", "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n@100\n"
                           "call 2 -> PlacesCalled\nclaim a -> VisitorAdmitted\n@900\n"
                           "credit 800 -> OutageCredited\na is admitted 0 0 1200\n"
                           "b is called 1 0 960");
    play_line("time passes once a second while something runs",
              "join a -> LobbyClosed VisitorJoined\n@50\ntick -> \n@100\ncall 1 -> PlacesCalled\n"
              "@100.999999\ntick -> \n@101\ntick -> TimePassed\n@101.999999\ntick -> \n"
              "claim a -> VisitorAdmitted\n@103\ntick -> TimePassed\nsold a -> AdmissionEnded\n"
              "@159\ntick -> TimePassed\n@160\ntick -> CallEnded\n@999\ntick -> ");
}

static void a_pause_ends_when_neither_the_hand_nor_the_sale_wants_it(void **state)
{
    (void)state;
    const char *begun = "join a -> LobbyClosed VisitorJoined\n@100\ncall 1 -> PlacesCalled\n";
    static const struct {
        const char *name, *script;
    } table[] = {
        {"a sale that goes on does not end a pause by hand",
         "@110\nchange pause=1 -> QueueChanged\n@120\nchange pause=3 -> QueueChanged\n"
         "change pause=3 -> \n@130\nchange pause=4 -> QueueChanged\nchange pause=4 -> \n@500\n"
         "a is called 0 0 160\ncall 1 -> \n@510\nchange pause=2 -> QueueChanged\n"
         "a is called 0 0 560"},
        {"a hand that follows the sale's pause outlives it",
         "@110\nchange pause=3 -> QueueChanged\nchange pause=1 -> QueueChanged\n"
         "change pause=1 -> \nchange pause=4 -> QueueChanged\n@500\na is called 0 0 160"},
        {"the sale's pause alone ends with it",
         "@110\nchange pause=3 -> QueueChanged\n@210\nchange pause=4 -> QueueChanged\n"
         "a is called 0 0 260"},
        {"going on by hand ends both",
         "@110\nchange pause=3 -> QueueChanged\nchange pause=1 -> QueueChanged\n@210\n"
         "change pause=2 -> QueueChanged\na is called 0 0 260\nchange pause=4 -> \n"
         "change pause=2 -> "},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char script[1024];
        snprintf(script, sizeof script, "%s%s", begun, table[i].script);
        play_line(table[i].name, script);
    }
}

static void a_code_leads_no_more_sessions_in_than_it_is_good_for(void **state)
{
    (void)state;
    play_line(
        "one at a time",
        "vip a 3 1 -> LobbyClosed VisitorJoined CodeCounted\nvip b 3 1 -> code_limit_reached\n"
        "vip a 3 1 -> same 0\njoin b -> VisitorJoined\nvip b 3 1 -> code_limit_reached\n"
        "b is waiting 0 0\nleave a -> VisitorLeft\n"
        "vip b 3 1 -> VisitorLeft VisitorJoined CodeCounted\nvip a 3 1 -> code_limit_reached");
    play_line("until its admission has ended",
              "vip a 3 1 -> LobbyClosed VisitorJoined CodeCounted\ncall 0 1 -> PlacesCalled\n"
              "claim a -> VisitorAdmitted\nvip b 3 1 -> code_limit_reached\n"
              "sold a -> AdmissionEnded\nvip b 3 1 -> VisitorJoined CodeCounted");
    play_line("who missed the call comes again with the same code",
              "vip a 3 1 -> LobbyClosed VisitorJoined CodeCounted\n@100\ncall 0 1 -> PlacesCalled\n"
              "@161\nvip b 3 1 -> code_limit_reached\nvip a 3 1 -> VisitorJoined CodeCounted\n"
              "vip b 3 1 -> code_limit_reached\nleave a -> VisitorLeft\njoin b -> VisitorJoined");
    play_line("who comes again without it makes room",
              "vip a 3 1 -> LobbyClosed VisitorJoined CodeCounted\n@100\ncall 0 1 -> PlacesCalled\n"
              "@161\njoin a -> VisitorJoined\nvip b 3 1 -> VisitorJoined CodeCounted");
    play_line("codes are counted apart, and those without a limit not at all",
              "vip a 3 1 -> LobbyClosed VisitorJoined CodeCounted\n"
              "vip b 4 1 -> VisitorJoined CodeCounted\nvip c 5 1 -> queue_full\n"
              "vip c 4 1 -> code_limit_reached\nvip c -> queue_full");
    play_line("no such code", "vip a 1049601 9 -> code_limit_reached\n"
                              "vip a 1049600 1 -> LobbyClosed VisitorJoined CodeCounted\n"
                              "join b 3 0 -> VisitorJoined");
}

static void switching_off_lets_admissions_run_out(void **state)
{
    (void)state;
    play_line("off", "join a -> LobbyClosed VisitorJoined\njoin b -> VisitorJoined\n"
                     "call 1 -> PlacesCalled\n@10\nclaim a -> VisitorAdmitted\n"
                     "change on=2 -> QueueChanged\na is admitted 0 0 310\nroom is off 1\n"
                     "call 1 -> \n@310\ntick -> CallEnded AdmissionEnded\nb is waiting 1 0\n"
                     "change on=1 -> QueueChanged\ncall 1 -> PlacesCalled\n"
                     "claim b -> VisitorAdmitted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_in_its_place),
        cmocka_unit_test(a_session_has_one_place),
        cmocka_unit_test(phases_follow_the_clock),
        cmocka_unit_test(calls_and_claims_are_exact_to_the_microsecond),
        cmocka_unit_test(time_that_does_not_count_is_given_back),
        cmocka_unit_test(a_pause_ends_when_neither_the_hand_nor_the_sale_wants_it),
        cmocka_unit_test(a_code_leads_no_more_sessions_in_than_it_is_good_for),
        cmocka_unit_test(switching_off_lets_admissions_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
