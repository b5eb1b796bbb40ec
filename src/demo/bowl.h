/*
 * bowl: stands around an oval, two straight sides and two half circles, as stadiums and arenas
 * have. A place in it is a side, a share of that side's length (0 to 1, clockwise on the drawing)
 * and a depth behind the innermost row.
 */
#ifndef ONSALE_DEMO_BOWL_H
#define ONSALE_DEMO_BOWL_H

#include "demo/draw.h"

enum bowl_side { BOWL_BOTTOM, BOWL_LEFT, BOWL_TOP, BOWL_RIGHT };

struct bowl {
    struct draw_point middle;
    double straight; /* length of a straight side */
    double radius;   /* from the long axis to the innermost row */
    double pitch;    /* usual distance of two seats; rows may be closer, never wider */
};

struct draw_point bowl_place(const struct bowl *bowl, enum bowl_side side, double share,
                             double depth);
/* Length of a side at a depth. */
double bowl_length(const struct bowl *bowl, enum bowl_side side, double depth);

struct bowl_part {
    enum bowl_side side;
    double from, to; /* shares of the side */
};

/* Places `count` seats of a row in the part. `room` >= count: the width in seats that the part's
 * rows have around here; a row that is much shorter leaves its gap in the middle (an entrance). */
void bowl_row(const struct bowl *bowl, struct bowl_part part, double depth, int room,
              struct draw_point *seats, int count);

#define BOWL_OUTLINE_POINTS 34
/* The part's outline between two depths; returns the number of points. */
int bowl_outline(const struct bowl *bowl, struct bowl_part part, double near_depth,
                 double far_depth, struct draw_point ret_points[BOWL_OUTLINE_POINTS]);

#endif
