"""Who is speaking (voices come with a later release; until then the track is the speaker)."""
