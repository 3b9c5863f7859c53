package main

// listing is a saved page of an estate agent's web site.
const listing = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>For sale: 27 Heron Hill Road, Ostermere | Larkwether Realty</title>
<meta name="description" content="3 bed, 2 bath house for sale in Heron Hill, Ostermere. Listed at $389,000.">
<style>
body { font: 16px/1.5 Georgia, serif; max-width: 48rem; margin: 2rem auto; color: #222; }
.price { font-size: 1.6rem; color: #1d5c4d; }
table { border-collapse: collapse; } td { padding: .2rem 1rem .2rem 0; }
nav, footer { font-size: .85rem; color: #666; }
</style>
</head>
<body>
<nav><a href="#">Buy</a> | <a href="#">Rent</a> | <a href="#">Sell</a> | <a href="#">Agents</a></nav>
<h1>27 Heron Hill Road, Ostermere, WM 00422</h1>
<p class="price"><strong>$389,000</strong> <small>Est. mortgage $2,140/month</small></p>
<p><strong>For sale</strong> &middot; 3 bedrooms &middot; 2 bathrooms &middot; 1,780 sq ft &middot; 0.21 acre lot &middot; MLS# WM-000417</p>
<h2>About this home</h2>
<p>Welcome to this light-filled craftsman bungalow on a quiet, tree-lined street in sought-after Heron Hill.
The open living and dining area has refinished oak floors, a wood-burning fireplace and built-in bookcases.
The updated kitchen offers quartz counters, stainless steel appliances and a breakfast bar that looks onto
a fenced back yard with a cedar deck. The primary suite has a walk-in closet and a renovated en suite bath.
Two further bedrooms share a hall bathroom. Unfinished basement with laundry and generous storage.
Detached one-car garage. Walk to Heron Hill Elementary, the farmers market and the riverside trail.</p>
<h2>Property details</h2>
<table>
<tr><td>Property type</td><td>Single family residence</td></tr>
<tr><td>Year built</td><td>1936, renovated 2019</td></tr>
<tr><td>Living area</td><td>1,780 sq ft</td></tr>
<tr><td>Lot size</td><td>9,150 sq ft</td></tr>
<tr><td>Heating / cooling</td><td>Heat pump, central air</td></tr>
<tr><td>Parking</td><td>Detached garage, 1 space; driveway, 2 spaces</td></tr>
<tr><td>Roof</td><td>Composition shingle, 2018</td></tr>
<tr><td>HOA fees</td><td>None</td></tr>
<tr><td>Annual property tax</td><td>$4,126 (2025)</td></tr>
<tr><td>Days on market</td><td>6</td></tr>
<tr><td>Price per sq ft</td><td>$219</td></tr>
</table>
<h2>Features</h2>
<ul>
<li>Hardwood floors throughout the main level</li>
<li>Gas range, dishwasher, refrigerator included</li>
<li>Covered front porch, cedar deck, raised garden beds</li>
<li>Double-glazed windows, 200 A electrical service</li>
</ul>
<h2>Open house</h2>
<p>Saturday, March 7, 2026, 1:00 pm to 3:00 pm. No appointment needed.</p>
<h2>Listing agent</h2>
<p>Rosalind Tarrant, Larkwether Realty<br>(555) 555-0108<br>rosalind@larkwether.example.com</p>
<p><a href="#">Schedule a tour</a> | <a href="#">Request more information</a> | <a href="#">Save this listing</a></p>
<footer>Listing information is deemed reliable but not guaranteed. Buyers should verify square footage and
school boundaries. Equal housing opportunity. &copy; 2026 Larkwether Realty.</footer>
</body>
</html>
`
