#include "demo/bowl.h"

#include <math.h>

#define GAP_SEATS 3 /* a row this much shorter than its neighbours has an entrance in it */

static bool is_end(enum bowl_side side)
{
    return side == BOWL_LEFT || side == BOWL_RIGHT;
}

struct draw_point bowl_place(const struct bowl *bowl, enum bowl_side side, double share,
                             double depth)
{
    const double pi = acos(-1.0);
    double half = bowl->straight / 2, out = bowl->radius + depth;
    struct draw_point m = bowl->middle;
    if (side == BOWL_BOTTOM)
        return (struct draw_point){m.x + half - share * bowl->straight, m.y + out};
    if (side == BOWL_TOP)
        return (struct draw_point){m.x - half + share * bowl->straight, m.y - out};
    double angle = pi * share + (side == BOWL_LEFT ? pi / 2 : -pi / 2);
    double x = m.x + (side == BOWL_LEFT ? -half : half);
    return (struct draw_point){x + out * cos(angle), m.y + out * sin(angle)};
}

double bowl_length(const struct bowl *bowl, enum bowl_side side, double depth)
{
    return is_end(side) ? acos(-1.0) * (bowl->radius + depth) : bowl->straight;
}

void bowl_row(const struct bowl *bowl, struct bowl_part part, double depth, int room,
              struct draw_point *seats, int count)
{
    double length = bowl_length(bowl, part.side, depth);
    double width = (part.to - part.from) * length, middle = (part.from + part.to) / 2;
    bool entrance = room - count >= GAP_SEATS && count > 3;
    int slots = entrance ? room : count;
    double pitch = fmin(bowl->pitch, width / slots);
    int left = (count + 1) / 2;
    for (int i = 0; i < count; i++) {
        int slot = entrance && i >= left ? i + room - count : i;
        double share = middle + (slot - (slots - 1) / 2.0) * pitch / length;
        seats[i] = bowl_place(bowl, part.side, share, depth);
    }
}

int bowl_outline(const struct bowl *bowl, struct bowl_part part, double near_depth,
                 double far_depth, struct draw_point ret_points[BOWL_OUTLINE_POINTS])
{
    int steps = is_end(part.side) ? BOWL_OUTLINE_POINTS / 2 - 1 : 1, count = 0;
    for (int i = 0; i <= steps; i++)
        ret_points[count++] =
            bowl_place(bowl, part.side, part.from + (part.to - part.from) * i / steps, near_depth);
    for (int i = steps; i >= 0; i--)
        ret_points[count++] =
            bowl_place(bowl, part.side, part.from + (part.to - part.from) * i / steps, far_depth);
    return count;
}
