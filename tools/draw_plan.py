#!/usr/bin/env python3
"""Draws a seating plan (pretix JSON) as SVG, to look at it without the program.

  draw_plan.py PLAN.json > plan.svg
  draw_plan.py PLAN.json --png plan.png [--width 1800] [--view X,Y,W,H]   with Debian's chromium
"""
import argparse
import html
import json
import os
import subprocess
import sys
import tempfile


def point(at):
    at = at or {}
    return at.get("x", 0), at.get("y", 0)


def draw_area(area, zone_at, out):
    x, y = point(area.get("position"))
    x, y = x + zone_at[0], y + zone_at[1]
    shape = area.get("shape", "rectangle")
    style = 'fill="%s" stroke="%s" stroke-width="8"' % (
        html.escape(area.get("color") or "none"), html.escape(area.get("border_color") or "none"))
    out.append('<g transform="translate(%g %g) rotate(%g)">' % (x, y, area.get("rotation", 0)))
    if shape == "polygon":
        corners = " ".join("%g,%g" % point(p) for p in area["polygon"]["points"])
        out.append('<polygon points="%s" %s/>' % (corners, style))
    elif shape == "rectangle":
        box = area.get("rectangle", area)
        out.append('<rect width="%g" height="%g" %s/>' % (box["width"], box["height"], style))
    elif shape == "ellipse":
        out.append('<ellipse rx="%g" ry="%g" %s/>' % (*point(area["ellipse"]["radius"]), style))
    elif shape == "circle":
        out.append('<circle r="%g" %s/>' % (area["circle"]["radius"], style))
    text = area.get("text")
    if isinstance(text, dict):
        out.append('<text x="%g" y="%g" font-size="%g" fill="%s" text-anchor="middle" '
                   'dominant-baseline="central" font-family="sans-serif">%s</text>' % (
                       *point(text["position"]), text.get("size", 16),
                       html.escape(text.get("color", "#000")), html.escape(text["text"])))
    out.append("</g>")


def draw(plan, width, view):
    colors = {c["name"]: c.get("color") or "#888" for c in plan["categories"]}
    if not view:
        view = (0, 0, plan["size"]["width"], plan["size"]["height"])
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="%g %g %g %g" width="%d" height="%d">' %
           (*view, width, round(width * view[3] / view[2])), '<rect x="%g" y="%g" width="%g" '
           'height="%g" fill="#fff"/>' % view]
    texts = []
    for zone in plan["zones"]:
        zone_at = point(zone["position"])
        for area in zone.get("areas", []):
            draw_area(area, zone_at, texts if area.get("shape") == "text" else out)
    for zone in plan["zones"]:
        zx, zy = point(zone["position"])
        for row in zone["rows"]:
            rx, ry = point(row.get("position"))
            for seat in row["seats"]:
                sx, sy = point(seat["position"])
                out.append('<circle cx="%g" cy="%g" r="%g" fill="%s"%s/>' % (
                    zx + rx + sx, zy + ry + sy, seat.get("radius", 10),
                    html.escape(colors.get(seat["category"], "#000")),
                    ' stroke="#000" stroke-width="3"' if seat.get("x_kind") else ""))
    return "\n".join(out + texts + ["</svg>"])


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("plan")
    ask.add_argument("--png")
    ask.add_argument("--width", type=int, default=1800)
    ask.add_argument("--view", type=lambda v: tuple(float(n) for n in v.split(",")))
    asked = ask.parse_args()
    with open(asked.plan, encoding="utf-8") as file:
        plan = json.load(file)
    svg = draw(plan, asked.width, asked.view)
    if not asked.png:
        sys.stdout.write(svg)
        return
    view = asked.view or (0, 0, plan["size"]["width"], plan["size"]["height"])
    height = round(asked.width * view[3] / view[2])
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "plan.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write('<body style="margin:0">' + svg)
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--hide-scrollbars",
                        "--user-data-dir=" + os.path.join(folder, "profile"),
                        "--screenshot=" + os.path.abspath(asked.png),
                        "--window-size=%d,%d" % (asked.width, height), "file://" + page],
                       check=True, stderr=subprocess.DEVNULL)


main()
