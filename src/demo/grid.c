#include "demo/demo.h"
#include "demo/draw.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define SPACING 25 /* of seats; rows stand 40 apart, sections 100 */
#define ROW_SPACING 40
#define SECTION_SPACING 100

void demo_plan_grid(struct demo_grid grid, struct buf *out)
{
    int columns = (int)ceil(sqrt(grid.sections));
    int lines = columns ? ((int)grid.sections + columns - 1) / columns : 0;
    int width = (int)grid.seats * SPACING + SECTION_SPACING;
    int height = (int)grid.rows * ROW_SPACING + SECTION_SPACING;
    struct draw_point *seats = calloc((size_t)grid.seats + 1, sizeof *seats);
    if (!seats) {
        out->failed = true;
        return;
    }
    assert((uint32_t)columns > 0); /* there is a section */
    struct draw d;
    draw_begin(&d, out,
               &(struct draw_frame){"Grid",
                                    columns * width + SECTION_SPACING,
                                    lines * height + SECTION_SPACING,
                                    {columns * width / 2.0, 0}});
    draw_category(&d, "Seat", "#0072b2");
    for (uint32_t s = 0; s < grid.sections; s++) {
        char name[16];
        double left = (double)(s % (uint32_t)columns) * width + SECTION_SPACING;
        double top = (double)(s / (uint32_t)columns) * height + SECTION_SPACING;
        (void)snprintf(name, sizeof name, "%u", s + 1);
        draw_zone(&d, name, name, NULL);
        for (uint32_t r = 0; r < grid.rows && grid.seats > 0; r++) {
            char prefix[40], label[16];
            (void)snprintf(prefix, sizeof prefix, "%u-%u-", s + 1, r + 1);
            (void)snprintf(label, sizeof label, "%u", r + 1);
            for (uint32_t i = 0; i < grid.seats; i++)
                seats[i] = (struct draw_point){left + i * SPACING, top + r * ROW_SPACING};
            draw_row(&d, &(struct draw_row){.prefix = prefix,
                                            .label = label,
                                            .seats = seats,
                                            .count = (int)grid.seats});
        }
        draw_areas(&d);
        draw_zone_end(&d);
    }
    draw_end(&d);
    free(seats);
}
