package main

// patent is the full text of a granted patent, as patent offices publish it.
const patent = `UNITED TERRITORIES PATENT OFFICE                      SPECIMEN

(12) PATENT                                (10) Patent No.:  UT 0,000,417 B1
     Culverhay et al.                      (45) Date of Patent: Jan. 13, 2026

(54) FOLDING DRYING RACK WITH HUMIDITY-RESPONSIVE LOUVERS

(71) Applicant:  Tarnbeck Joinery Works Inc, Ostermere, WM
(72) Inventors:  Anton Culverhay, Ostermere, WM; Tamsin Bexley-Orr, Ostermere, WM
(73) Assignee:   Tarnbeck Joinery Works Inc, Ostermere, WM
(21) Appl. No.:  00/000,417
(22) Filed:      Apr. 8, 2024
(60) Provisional application No. 00/000,093, filed on Apr. 11, 2023.
(51) Int. Cl.    D06F 57/08 (2006.01); D06F 58/10 (2006.01)
(56) References Cited: UT 0,000,112 A (3/1998 Fernwood); UT 0,000,256 B2 (7/2011 Oake)
     Primary Examiner: R. Lindqvist-Hale
     9 Claims, 4 Drawing Sheets

(57) ABSTRACT

A drying rack comprises a frame of two hinged panels, a plurality of rods
extending between side rails of each panel, and a set of louvers pivotally
mounted below the rods. Each louver carries a bilayer strip of two wood veneers
whose fibers run at right angles. The strip bends as it takes up moisture and
turns the louver toward an open position, so that the flow of air through the
rack rises with the moisture of the articles hung on it, without electric power.

BACKGROUND OF THE INVENTION

1. Field of the Invention

[0001] The present invention relates to racks for drying textiles and, more
particularly, to a folding rack whose air openings adjust themselves to the
moisture of the articles being dried.

2. Description of the Related Art

[0002] Conventional drying racks expose articles to still room air. Powered
racks with fans are known, for example from UT 0,000,256 B2, but they consume
energy and require wiring. There is a need for a rack that increases ventilation
while articles are wet and closes when they are dry, without external power.

SUMMARY OF THE INVENTION

[0003] According to one aspect of the invention, a drying rack is provided which
comprises a frame, rods, and louvers moved by moisture-responsive strips.

BRIEF DESCRIPTION OF THE DRAWINGS

[0004] FIG. 1 is a perspective view of a drying rack according to a first
embodiment in its unfolded position.
[0005] FIG. 2 is a sectional view along line II-II of FIG. 1 with the louvers
closed.
[0006] FIG. 3 is the view of FIG. 2 with the louvers open.
[0007] FIG. 4 shows the bilayer strip in detail.

DETAILED DESCRIPTION OF THE PREFERRED EMBODIMENTS

[0008] Referring to FIG. 1, the drying rack 10 includes a first panel 12 and a
second panel 14 joined by hinges 16. Each panel has two side rails 18, between
which rods 20 extend. A louver 22 is mounted below every second rod 20 on pivot
pins 24.

[0009] As best seen in FIG. 4, the bilayer strip 30 consists of an active veneer
32 of beech, 0.6 mm thick, and a passive veneer 34 of spruce, 0.4 mm thick,
bonded with their fibers at right angles. One end of the strip is clamped to the
side rail 18 and the other bears on a lever 26 of the louver 22. When relative
humidity at the strip rises from 45 to 85 percent, the free end moves by about
14 mm and turns the louver through 60 degrees.

[0010] While the invention has been described with reference to a preferred
embodiment, those skilled in the art will understand that various changes may be
made without departing from the scope of the invention.

CLAIMS

What is claimed is:

1. A drying rack, comprising:
   a frame having a first panel and a second panel pivotally connected to each
   other, each panel having two side rails;
   a plurality of rods extending between the side rails;
   a plurality of louvers pivotally mounted to the side rails below the rods; and
   at least one moisture-responsive strip connected to at least one of the
   louvers and configured to turn it toward an open position as the strip takes
   up moisture.

2. The drying rack of claim 1, wherein the moisture-responsive strip comprises a
   first veneer and a second veneer bonded to each other with their fibers at
   right angles.

3. The drying rack of claim 2, wherein the first veneer is beech and the second
   veneer is spruce.

4. The drying rack of claim 1, wherein each louver has its own strip.

5. The drying rack of claim 1, further comprising a stop that limits the open
   position to 60 degrees.

6. The drying rack of claim 1, wherein the louvers of one panel are coupled by a
   common rod.

7. The drying rack of claim 1, wherein the panels fold flat against each other.

8. The drying rack of claim 7, wherein the louvers close when the panels are
   folded.

9. A method of drying textiles, comprising: hanging the textiles on the rods of
   the drying rack of claim 1; and letting the moisture given off by the textiles
   turn the louvers toward the open position.

                              * * * * *
`
