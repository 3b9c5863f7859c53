package gemini

import "time"

// untilMidnight returns how long it is until a new day begins where Google counts days, in
// Pacific time. The rule of its summer time stands here, since machines without zone files are common.
func untilMidnight(now time.Time) time.Duration {
	y, m, d := now.UTC().Add(pacific(now)).Date()
	midnight := time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
	begins := midnight.Add(-pacific(now))
	return midnight.Add(-pacific(begins)).Sub(now) // the clocks may have changed by then
}

// pacific returns what Pacific time is ahead of UTC.
func pacific(at time.Time) time.Duration {
	year := at.UTC().Year()
	begins := sunday(year, time.March, 8).Add(10 * time.Hour)
	ends := sunday(year, time.November, 1).Add(9 * time.Hour)
	if at.Before(begins) || !at.Before(ends) {
		return -8 * time.Hour
	}
	return -7 * time.Hour
}

// sunday returns the first Sunday from a day on.
func sunday(year int, m time.Month, day int) time.Time {
	t := time.Date(year, m, day, 0, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, (7-int(t.Weekday()))%7)
}
