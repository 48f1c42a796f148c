"""What a person sees while work is done: progress, and what C libraries say."""
