/*
 * stadium_table: the counts of a real football stadium (Metalist Stadium, Kharkiv, as a club's
 * ticket shop had them in 2019): 4 tribunes, 51 sectors, 1,450 rows, 39,417 seats. Facts only;
 * where the seats stand is worked out by stadium.c.
 */
#ifndef ONSALE_DEMO_STADIUM_TABLE_H
#define ONSALE_DEMO_STADIUM_TABLE_H

#define STADIUM_SECTORS 51
#define STADIUM_ROWS 1450
#define STADIUM_SEATS 39417

enum stadium_tribune { STADIUM_WEST, STADIUM_NORTH, STADIUM_EAST, STADIUM_SOUTH };

struct stadium_sector {
    enum stadium_tribune tribune;
    const char *name;
    const char *rows; /* runs "first-last:seats", divided by a blank */
};

extern const struct stadium_sector stadium_sectors[STADIUM_SECTORS];

#endif
