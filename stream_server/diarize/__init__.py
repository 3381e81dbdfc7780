"""Who is speaking: voices told apart, followed through a track, given numbers. Sessions do not use it yet."""
