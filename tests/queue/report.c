#include "queue/crowd.h"

#include <inttypes.h>
#include <stdio.h>

static double share(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 0 : 100.0 * part / whole;
}

void crowd_print(const struct crowd_report *r)
{
    printf("| figure | |\n|---|---|\n");
    printf("| sold out after | %" PRIu32 " s, %" PRIu32 " seats |\n", r->seconds, r->seats_sold);
    printf("| called, admitted | %" PRIu32 ", %" PRIu32 " |\n", r->called, r->admissions);
    printf("| came late and got in, joined anew | %" PRIu32 ", %" PRIu32 " |\n", r->came_late,
           r->rejoined);
    printf("| tried before their turn, refused | %" PRIu32 ", %" PRIu32 " |\n", r->early_claims,
           r->early_claims_refused);
    printf("| target, slack | %" PRIu32 ", %" PRIu32 " |\n", r->target_active, r->slack);
    printf("| most admitted at once | %" PRIu32 " |\n", r->most_admitted);
    printf("| admitted in the mean, while nothing was wrong | %" PRIu32 " |\n", r->mean_admitted);
    printf("| called and expected at once, at most | %" PRIu32 " |\n", r->most_open);
    printf("| let in while nothing was wrong, of the ideal | %" PRIu32 " of %" PRIu32
           " (%.1f %%) in %" PRIu32 " s |\n",
           r->calm_admissions, r->calm_ideal, share(r->calm_admissions, r->calm_ideal),
           r->calm_seconds);
    printf("| places looked at, gone back | %" PRIu32 ", %" PRIu32 " |\n\n", r->positions_looked_at,
           r->positions_back);
    printf("| told 60 s after | at, s | calls an hour | s sooner, later | as it came | visitors "
           "judged "
           "| range held | its width, of the wait | of all called later | held |\n"
           "|---|---|---|---|---|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < r->judgement_count; i++) {
        const struct crowd_judgement *j = &r->judgements[i];
        printf("| %s | %" PRIu32 " | %" PRIu32 "-%" PRIu32 " | %" PRIu32 ", %" PRIu32 " | %" PRIu32
               "-%" PRIu32 " | %" PRIu32 " | %.1f %% | %.1f %% | %" PRIu32 " | %.1f %% |\n",
               j->change, j->told_s, j->low, j->high, j->sooner_s, j->later_s, j->true_low,
               j->true_high, j->judged, share(j->held, j->judged), share(j->width, 1000),
               j->judged_all, share(j->held_all, j->judged_all));
    }
    printf("\n");
}

uint32_t crowd_ideal_share(const struct crowd_report *r)
{
    return r->calm_ideal == 0 ? 0 : r->calm_admissions * 100 / r->calm_ideal;
}

uint32_t crowd_worst_held(const struct crowd_report *r)
{
    uint32_t worst = 100;
    for (uint32_t i = 0; i < r->judgement_count; i++) {
        const struct crowd_judgement *j = &r->judgements[i];
        if (j->judged > 0 && j->held * 100 / j->judged < worst)
            worst = j->held * 100 / j->judged;
    }
    return worst;
}

uint32_t crowd_width(const struct crowd_report *r)
{
    uint32_t count = 0, middle = 0;
    for (uint32_t i = 0; i < r->judgement_count; i++)
        count += r->judgements[i].judged > 0;
    for (uint32_t i = 0; i < r->judgement_count; i++) {
        const struct crowd_judgement *j = &r->judgements[i];
        uint32_t narrower = 0;
        for (uint32_t k = 0; k < r->judgement_count; k++)
            narrower += r->judgements[k].judged > 0 && r->judgements[k].width < j->width;
        if (j->judged > 0 && narrower <= count / 2 && j->width > middle)
            middle = j->width;
    }
    return middle / 10;
}

const char *crowd_verdict(const struct crowd_report *r)
{
    if (r->broken)
        return r->broken;
    if (r->above_slack > 0)
        return "more were admitted than target and slack";
    if (r->admitted_uncalled > 0 || r->early_claims_refused != r->early_claims)
        return "somebody was admitted who was not called";
    if (r->out_of_order > 0 || r->doubled > 0)
        return "visitors were not called by rank, one a rank";
    if (r->positions_back > 0 || r->positions_looked_at == 0)
        return "a place went back";
    if (r->above_rate > 0)
        return "more were called than the rate allows";
    if (crowd_ideal_share(r) < (r->target_active >= 500 ? 90 : 75))
        return "fewer were let in than so many at once could be";
    /* Where few are in at once, chance is larger than what is asked for here. */
    if (r->target_active >= 100 && crowd_worst_held(r) < 90)
        return "the range of waits did not hold the truth for nine tenths";
    return r->judgement_count == 0 ? "no wait was told" : NULL;
}
